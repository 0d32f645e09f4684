"""The lock of a run, which its trainer holds until it ends or dies. POSIX only."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated

import msgspec
import psutil

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import exclusive_lock, is_at, is_locked, open_file, replacing
from ptbterm.runs.run import Run

LOCK_SECONDS = 1.0
"""How long a trainer waits for its lock: `is_training` holds it for a moment."""

_MAX_FACTS = 10_000


class TrainerFacts(msgspec.Struct, frozen=True):
    """The trainer's process: its id, and when it started, because ids are reused.

    `ticks` since boot are Linux's; there `created` (seconds since 1970) changes when the clock is set. They are
    missing elsewhere, and in files of earlier versions.
    """

    pid: Annotated[int, msgspec.Meta(gt=0, lt=2**31)]
    created: float
    ticks: int | None = None

    def is_of(self, process: psutil.Process) -> bool:
        """Return whether that process is the trainer, and not a later one with the same id."""
        if self.ticks is not None:
            return self.ticks == _ticks(process.pid)
        return self.created == process.create_time()


def _ticks(pid: int) -> int | None:
    try:
        facts = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(facts.rpartition(b")")[2].split()[19])  # field 22, starttime; field 2, a name, may hold anything


@contextmanager
def as_trainer(run: Run, seconds: float = LOCK_SECONDS) -> Iterator[Callable[[], None]]:
    """Hold a run's lock, record the process, and remove half-written files of dead trainers.

    Yields a function to call before each write: it raises `PtbtermError` if the lock is no longer the file at its
    place, because the run was renamed, replaced or deleted while its trainer slept. Raises `PtbtermError` if
    another trainer still holds the lock after `seconds`, or if the file system has no locks.
    """
    with ExitStack() as stack:
        try:
            lock = os.fstat(stack.enter_context(exclusive_lock(run.lock_file, seconds)))
        except BlockingIOError:
            raise PtbtermError(
                f"Run {run.name} is being trained by another process.", next_step=NextStep.WATCH, run=run.name
            ) from None
        run.refuse_linked_checkpoints()
        run.remove_leftovers()
        with replacing(run.trainer_file) as temporary:
            us = TrainerFacts(os.getpid(), psutil.Process().create_time(), _ticks(os.getpid()))
            temporary.write_bytes(msgspec.json.encode(us))

        def check_in_place() -> None:
            if not is_at(run.lock_file, lock):
                raise PtbtermError(
                    f"Run {run.name} was renamed, replaced or deleted while it was training:"
                    f" {run.lock_file} is not the lock of this trainer, which has written nothing more.",
                    "If it was renamed, resume it by its new name.",
                    next_step=NextStep.LIST_RUNS,
                )

        yield check_in_place


def is_training(run: Run) -> bool | None:
    """Return whether a trainer holds the run's lock; None, which is unknown, if the file system has no locks."""
    return is_locked(run.lock_file)


def trainer(run: Run) -> psutil.Process | None:
    """Return the process that trains the run now, as trainer.json has it; None if none does on this machine."""
    if not is_training(run):
        return None
    try:
        with open_file(run.trainer_file) as file:
            facts = msgspec.json.decode(file.read(_MAX_FACTS), type=TrainerFacts)
        process = psutil.Process(facts.pid)
        return process if facts.is_of(process) else None
    except (OSError, PtbtermError, msgspec.DecodeError, RecursionError, psutil.Error):
        return None


def wait_until_ended(run: Run, seconds: float) -> bool:
    """Wait at most `seconds` for the trainer to end; return whether no trainer holds the lock."""
    process = trainer(run)
    if process is not None:
        with suppress(psutil.TimeoutExpired):
            process.wait(seconds)
    return not is_training(run)
