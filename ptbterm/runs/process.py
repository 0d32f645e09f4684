"""The process that trains a run: its lock, its number, its signals, and whether it lives. POSIX only."""

import contextlib
import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import filelock
import msgspec
import psutil

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import open_file, replacing
from ptbterm.runs.events import RunAdapted, RunFailed, RunFinished, RunStopped
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState

LOCK_SECONDS = 1.0
"""How long a trainer waits for its lock: who asks whether it is held holds it for a moment."""

_MAX_FACTS = 10_000


class Condition(StrEnum):
    """What a run is doing, told from facts: its lock and its events."""

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


class TrainerFacts(msgspec.Struct, frozen=True):
    """Which process trains: its number, and when it was started, for numbers are used again.

    `ticks` are since boot, as Linux has them: there `created` (seconds since 1970) changes when the clock is set.
    They are missing elsewhere, and where an earlier version wrote the file.
    """

    pid: Annotated[int, msgspec.Meta(gt=0, lt=2**31)]
    created: float
    ticks: int | None = None

    def is_of(self, process: psutil.Process) -> bool:
        """Return whether that process is the one, and not a later one of the same number."""
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
def as_trainer(run: Run) -> Iterator[None]:
    """Hold a run's lock and say who holds it; death frees it. What dead trainers have half written is removed.

    Raises `PtbtermError` while another trainer holds it.
    """
    lock = filelock.FileLock(run.lock_file, timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise PtbtermError(
            f"Run {run.name} is being trained by another process.", next_step=NextStep.WATCH, run=run.name
        ) from None
    try:
        run.refuse_linked_checkpoints()
        run.remove_leftovers()
        with replacing(run.trainer_file) as temporary:
            us = TrainerFacts(os.getpid(), psutil.Process().create_time(), _ticks(os.getpid()))
            temporary.write_bytes(msgspec.json.encode(us))
        yield
    finally:
        lock.release()


def is_training(run: Run) -> bool:
    """Return whether a trainer holds the run's lock."""
    try:
        descriptor = os.open(run.lock_file, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def condition(run: Run, state: RunState, launch: "Launch | None" = None) -> Condition:
    """Return what the run is doing, from its lock and from what is known of it.

    `launch` is a trainer that was started for it and that has not told anything yet.
    """
    if launch and launch.is_alive():
        return Condition.STARTING
    match state.end:
        case RunFinished() | RunAdapted():
            return Condition.FINISHED
        case RunStopped():
            return Condition.STOPPED
        case RunFailed():
            return Condition.FAILED
    if is_training(run):
        return Condition.RUNNING if state.started else Condition.STARTING
    return Condition.LOST


def trainer(run: Run) -> psutil.Process | None:
    """Return the process that trains the run now; None if none does on this machine."""
    if not is_training(run):
        return None
    try:
        with open_file(run.trainer_file) as file:
            facts = msgspec.json.decode(file.read(_MAX_FACTS), type=TrainerFacts)
        process = psutil.Process(facts.pid)
        return process if facts.is_of(process) else None
    except (OSError, PtbtermError, msgspec.DecodeError, RecursionError, psutil.Error):
        return None


def ask_to_stop(run: Run) -> None:
    """Ask the trainer to save after the current window and end; raises `PtbtermError` if none is here."""
    _trainer_here(run).terminate()


def kill(run: Run) -> None:
    """End the trainer at once: the run goes on from its last checkpoint. Raises like `ask_to_stop`."""
    _trainer_here(run).kill()


def _trainer_here(run: Run) -> psutil.Process:
    process = trainer(run)
    if process is None:
        state = "is being trained on another machine" if is_training(run) else "is not being trained"
        raise PtbtermError(f"Run {run.name} {state}.", next_step=NextStep.SHOW, run=run.name)
    return process


@dataclass
class Launch:
    """A trainer that was started apart from this terminal, which it outlives."""

    process: "subprocess.Popen[bytes]"
    complaints: IO[bytes]
    at: datetime

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        return self.process.poll() is None

    def has_failed(self) -> bool:
        """Return whether it ended with an error."""
        return (self.process.poll() or 0) not in (0, 130)

    def complaint(self) -> str:
        """Return, once, what it said on stderr before it had a log."""
        with self.complaints:
            self.complaints.seek(0)
            return self.complaints.read().decode(errors="replace")


def start_detached(arguments: Sequence[str]) -> Launch:
    """Start `ptbterm ARGUMENTS...` in a session of its own: no terminal's end reaches it."""
    now = datetime.now(UTC)
    complaints = tempfile.TemporaryFile()  # noqa: SIM115
    process = subprocess.Popen(  # noqa: S603
        _command(arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        start_new_session=True,
    )
    return Launch(process, complaints, now)


def resume_detached(run: Run, assignments: Sequence[str] = ()) -> Launch:
    """Start a trainer that goes on with a run, with some settings changed."""
    changes = (f"--set={assignment}" for assignment in assignments)
    return start_detached(["resume", str(run.path), "--view", "log", *changes])


def run_here(arguments: Sequence[str]) -> None:
    """Run `ptbterm ARGUMENTS...` in this terminal until it ends."""
    subprocess.run(_command(arguments), check=False)  # noqa: S603


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "ptbterm", *arguments]


def wait_until_ended(run: Run, seconds: float) -> bool:
    """Wait until no trainer holds the run's lock, at most so long; return whether none does."""
    process = trainer(run)
    if process is not None:
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(seconds)
    return not is_training(run)
