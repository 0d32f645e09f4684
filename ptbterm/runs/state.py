"""What is known of a run, folded from its events; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ptbterm.runs.events import (
    AnyEvent,
    EpochFinished,
    EpochStarted,
    Progress,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStopped,
)


@dataclass(frozen=True)
class RunState:
    """Seconds of training in all and in the current epoch, and how the run ended, if it has."""

    training_seconds: float = 0.0
    finished_epochs_seconds: float = 0.0
    end: RunFinished | RunStopped | RunFailed | None = None

    @property
    def epoch_seconds(self) -> float:
        """Seconds of training since the current epoch began."""
        return self.training_seconds - self.finished_epochs_seconds

    def apply(self, event: AnyEvent) -> "RunState":
        """Return what is known after one more event."""
        match event:
            case Progress():
                return replace(self, training_seconds=event.training_seconds)
            case EpochFinished():
                seconds = self.finished_epochs_seconds + event.training_seconds
                return replace(self, training_seconds=seconds, finished_epochs_seconds=seconds)
            case RunFinished() | RunStopped():
                return replace(self, training_seconds=event.training_seconds, end=event)
            case RunFailed():
                return replace(self, end=event)
            case RunResumed() | EpochStarted():
                return replace(self, end=None)
        return self


def fold(events: Iterable[AnyEvent]) -> RunState:
    """Return what is known after all of `events`."""
    state = RunState()
    for event in events:
        state = state.apply(event)
    return state
