"""Signals to the trainer of a run, sent to a process only if it holds the run's lock.

trainer.json proves nothing: whoever can write into the run could name another person's shell there.
"""

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.lock import is_training, trainer
from ptbterm.runs.run import Run

Send = Callable[[signal.Signals], None]


def ask_to_stop(run: Run) -> None:
    """Ask the trainer to save after the current window and stop.

    Raises `PtbtermError` if none runs here, if it is another user's, or if it can't be proven to be the trainer.
    """
    _signal_trainer(run, signal.SIGTERM)


def kill(run: Run) -> None:
    """Kill the trainer: the run resumes from its last checkpoint. Raises like `ask_to_stop`."""
    _signal_trainer(run, signal.SIGKILL)


def _signal_trainer(run: Run, number: signal.Signals) -> None:
    process = trainer(run)
    if process is None:
        raise _no_trainer(run)
    try:
        with _opened(process) as send:  # before the check: a later process with the same id gets no signal
            if not _holds_lock(process, run.lock_file):
                raise PtbtermError(
                    f"{run.trainer_file} names process {process.pid}, which does not hold the lock of run"
                    f" {run.name}: no signal was sent.",
                    "The trainer may run on another machine, or the file may have been changed.",
                )
            send(number)
    except (PermissionError, psutil.AccessDenied) as error:
        owner = _owner(process)
        raise PtbtermError(
            f"Process {process.pid}, the trainer of run {run.name}, belongs to {owner}: permission denied.",
            f"Ask {owner} to stop it.",
        ) from error
    except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess) as error:  # it has just ended
        raise _no_trainer(run) from error


def _no_trainer(run: Run) -> PtbtermError:
    states = {
        True: (f"Run {run.name} is being trained on another machine.", "Stop it there."),
        False: (f"Run {run.name} is not being trained.", ""),
        None: (
            f"It is unknown whether run {run.name} trains: the file system of {run.lock_file} has no locks.",
            "If it does, stop it with Ctrl-C in its terminal.",
        ),
    }
    return PtbtermError(*states[is_training(run)], next_step=NextStep.SHOW, run=run.name)


@contextmanager
def _opened(process: psutil.Process) -> Iterator[Send]:
    """Yield what sends signals to a process, and to no later one with its id."""
    if sys.platform != "linux":
        yield process.send_signal
        return
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, NotImplementedError, PermissionError):  # an old kernel or C library, a sandbox
        yield process.send_signal
        return
    try:
        yield lambda number: signal.pidfd_send_signal(descriptor, number)
    finally:
        os.close(descriptor)


def _holds_lock(process: psutil.Process, lock: Path) -> bool:
    """Return whether a process holds the lock on a file; elsewhere than on Linux, whether it has the file open.

    A link is never held: it could be the lock of another run. Raises `PermissionError` or psutil's `AccessDenied`
    for another user's process.
    """
    facts = lock.lstat()
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
        return False
    if sys.platform != "linux":
        return any(Path(file.path).samefile(lock) for file in process.open_files())
    folder = Path(f"/proc/{process.pid}")
    return any(_is_locked_by(folder, descriptor.name, facts) for descriptor in (folder / "fd").iterdir())


def _is_locked_by(process: Path, descriptor: str, facts: os.stat_result) -> bool:
    """Return whether that descriptor of a process, /proc/PID, holds an exclusive lock on the file of `facts`."""
    try:
        if not os.path.samestat((process / "fd" / descriptor).stat(), facts):
            return False
        lines = (process / "fdinfo" / descriptor).read_text().splitlines()
    except FileNotFoundError:  # closed by now, or of a file that was deleted
        return False
    return any(line.startswith("lock:") and {"FLOCK", "WRITE"} <= set(line.split()) for line in lines)


def _owner(process: psutil.Process) -> str:
    try:
        return process.username()
    except psutil.Error:
        return "another user"
