"""What is known of a run, folded from its events; bounded, however long the log."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from ptbterm.runs.curve import MAX_POINTS, CurvePoint, can_be_drawn, thinned
from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochFinished,
    EpochStarted,
    Evaluated,
    Glimpse,
    Progress,
    RunAdapted,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    Warned,
)

MAX_WARNINGS = 20
"""Of more, the newest are kept."""


@dataclass
class RunState:
    """The newest of each kind of event, the curve, the warnings, and the seconds of training in all.

    `epochs` and `rates` (the last learning rate) are by number of the epoch, `evaluated` by split. `usual_pause`
    is the time of training (s) between the last two reports of progress. `changing` is what the last resume told
    that it changes in the settings, until it trains: killed before, it may not have changed them.
    """

    started: RunStarted | None = None
    total_epochs: int = 0
    progress: Progress | None = None
    curve: list[CurvePoint] = field(default_factory=list)
    epochs: dict[int, EpochFinished] = field(default_factory=dict)
    rates: dict[int, float] = field(default_factory=dict)
    evaluated: dict[str, Evaluated] = field(default_factory=dict)
    glimpse: Glimpse | None = None
    earlier_glimpse: Glimpse | None = None
    saved: CheckpointSaved | None = None
    warnings: list[Warned] = field(default_factory=list)
    changing: dict[str, object] = field(default_factory=dict)
    end: RunFinished | RunAdapted | RunStopped | RunFailed | None = None
    time: str = ""
    usual_pause: float = 0.0
    training_seconds: float = 0.0
    finished_epochs_seconds: float = 0.0
    saved_seconds: float = 0.0

    @property
    def epoch_seconds(self) -> float:
        """Seconds of training since the current epoch began."""
        return self.training_seconds - self.finished_epochs_seconds

    @property
    def epoch(self) -> int:
        """The number of the epoch that trains now, or trained last; 0 before the first."""
        return max(self.rates, default=0)

    @property
    def best(self) -> EpochFinished | None:
        """The finished epoch with the lowest valid perplexity."""
        return min(self.epochs.values(), key=lambda epoch: epoch.valid_perplexity, default=None)

    def apply(self, event: AnyEvent) -> None:
        """Take in one more event."""
        self.time = event.time or self.time
        match event:
            case Progress():
                self._add_progress(event)
            case Glimpse():
                self.earlier_glimpse, self.glimpse = self.glimpse, event
            case Evaluated():
                self.evaluated[event.split] = event
            case CheckpointSaved():
                self.saved, self.saved_seconds = event, self.training_seconds
            case Warned():
                self.warnings = [*self.warnings, event][-MAX_WARNINGS:]
            case EpochStarted() | EpochFinished():
                self._turn_epoch(event)
            case RunStarted():
                self.started, self.total_epochs = event, event.epochs
            case RunResumed():
                self._go_back(event)
            case RunFinished() | RunStopped() | RunFailed() | RunAdapted():
                self._finish(event)

    def _turn_epoch(self, event: EpochStarted | EpochFinished) -> None:
        if isinstance(event, EpochStarted):
            self.rates[event.epoch] = event.learning_rate
            self.end, self.changing = None, {}
        else:
            self.epochs[event.epoch] = event
            self.finished_epochs_seconds += event.training_seconds
            self.training_seconds = self.finished_epochs_seconds

    def _finish(self, event: RunFinished | RunStopped | RunFailed | RunAdapted) -> None:
        self.end = event
        if isinstance(event, RunFinished | RunStopped):
            self.training_seconds = self.saved_seconds = event.training_seconds

    def _add_progress(self, event: Progress) -> None:
        self.usual_pause = event.training_seconds - self.training_seconds
        self.progress, self.training_seconds = event, event.training_seconds
        self.rates[event.epoch] = event.learning_rate
        if not can_be_drawn(event.perplexity):
            return
        self.curve.append(
            CurvePoint(
                event.epoch - 1 + event.fraction,
                event.epoch,
                event.perplexity,
                event.estimate,
                event.recent_words_per_second or event.words_per_second,
                event.learning_rate,
            )
        )
        if len(self.curve) > MAX_POINTS:
            self.curve = thinned(self.curve)

    def _go_back(self, event: RunResumed) -> None:
        """Forget what came after the checkpoint from which the run goes on, and take in what was changed."""
        self.end, self.changing = None, event.changed
        windows_per_epoch = self.started.windows_per_epoch if self.started else 1
        place = event.epoch - 1 + event.window / windows_per_epoch
        self.curve = [point for point in self.curve if point.epochs < place]
        self.epochs = {number: epoch for number, epoch in self.epochs.items() if number < event.epoch}
        self.rates = {number: rate for number, rate in self.rates.items() if number <= event.epoch}
        if self.progress and self.progress.epoch - 1 + self.progress.fraction >= place:
            self.progress = None
        self.finished_epochs_seconds = sum(epoch.training_seconds for epoch in self.epochs.values())
        self.training_seconds = max(self.saved_seconds, self.finished_epochs_seconds)
        match event.changed:
            case {"training.windows": int(windows)} if windows:
                self.total_epochs = math.ceil(windows / windows_per_epoch)
            case {"training.epochs": int(epochs)}:
                self.total_epochs = epochs


def fold(events: Iterable[AnyEvent]) -> RunState:
    """Return what is known after all of `events`."""
    state = RunState()
    for event in events:
        state.apply(event)
    return state
