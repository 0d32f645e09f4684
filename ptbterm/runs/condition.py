"""The condition of a run, derived from its lock and its events."""

from enum import StrEnum

from ptbterm.runs.events import RunAdapted, RunFailed, RunFinished, RunStopped
from ptbterm.runs.launch import Launch
from ptbterm.runs.lock import is_training
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState


class Condition(StrEnum):
    """The condition of a run.

    `lost`: its trainer died without an event. `unknown`: it may train, but its file system has no locks to ask.
    `gone`: its folder was deleted or renamed after it was opened.
    """

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    UNKNOWN = "unknown"
    GONE = "gone"


def condition(run: Run, state: RunState, launch: Launch | None = None) -> Condition:
    """Return the condition of a run; `launch` is a trainer that was started and has written no event yet."""
    if _is_gone(run):
        return Condition.GONE
    if launch and launch.is_alive():
        return Condition.STARTING
    match state.end:
        case RunFinished() | RunAdapted():
            return Condition.FINISHED
        case RunStopped():
            return Condition.STOPPED
        case RunFailed():
            return Condition.FAILED
    training = Condition.RUNNING if state.started else Condition.STARTING
    return {True: training, False: Condition.LOST, None: Condition.UNKNOWN}[is_training(run)]


def _is_gone(run: Run) -> bool:
    try:
        run.path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False
