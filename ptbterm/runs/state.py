"""The state of a run, folded from its events; bounded, however long the log."""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

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
"""Only the newest warnings are kept."""


class RunState(Struct, frozen=True):
    """The newest of each kind of event, the curve, the warnings, and the seconds of training in all.

    Immutable all the way down: a screen may keep it while the run trains on. `epochs` and `rates` (the last
    learning rate) are by number of the epoch, `evaluated` by split. `usual_pause` is the time of training (s)
    between the last two reports of progress. `changing` holds the settings that the last resume changes, until
    the run trains: killed before, it may not have changed them.
    """

    started: RunStarted | None = None
    total_epochs: int = 0
    progress: Progress | None = None
    curve: tuple[CurvePoint, ...] = ()
    epochs: Mapping[int, EpochFinished] = MappingProxyType({})
    rates: Mapping[int, float] = MappingProxyType({})
    evaluated: Mapping[str, Evaluated] = MappingProxyType({})
    glimpse: Glimpse | None = None
    earlier_glimpse: Glimpse | None = None
    saved: CheckpointSaved | None = None
    warnings: tuple[Warned, ...] = ()
    changing: Mapping[str, object] = MappingProxyType({})
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


class StateFold:
    """Folds events into a state; what grows with the run is copied only when `state` is read."""

    def __init__(self, start: RunState | None = None) -> None:
        self._state = start or RunState()
        self._curve = list(self._state.curve)
        self._epochs, self._rates = dict(self._state.epochs), dict(self._state.rates)
        self._read: RunState | None = None

    @property
    def state(self) -> RunState:
        """The state after the events so far; the same object until the next event."""
        if self._read is None:
            self._read = replace(
                self._state,
                curve=tuple(self._curve),
                epochs=MappingProxyType(self._epochs.copy()),
                rates=MappingProxyType(self._rates.copy()),
            )
        return self._read

    def apply(self, event: AnyEvent) -> None:
        """Fold one more event."""
        changes = self._changes(event)
        self._state, self._read = replace(self._state, time=event.time or self._state.time, **changes), None

    def _changes(self, event: AnyEvent) -> dict[str, Any]:
        """Return the fields that an event changes, by name."""
        changes: dict[str, Any] = {}
        match event:
            case Progress() | EpochStarted() | EpochFinished():
                changes = self._train(event)
            case Glimpse():
                changes = {"earlier_glimpse": self._state.glimpse, "glimpse": event}
            case Evaluated():
                changes = {"evaluated": MappingProxyType({**self._state.evaluated, event.split: event})}
            case CheckpointSaved():
                changes = {"saved": event, "saved_seconds": self._state.training_seconds}
            case Warned():
                changes = {"warnings": (*self._state.warnings, event)[-MAX_WARNINGS:]}
            case _:
                changes = self._start_or_end(event)
        return changes

    def _train(self, event: Progress | EpochStarted | EpochFinished) -> dict[str, Any]:
        if isinstance(event, Progress):
            return self._add_progress(event)
        if isinstance(event, EpochStarted):
            self._rates[event.epoch] = event.learning_rate
            return {"end": None, "changing": MappingProxyType({})}
        self._epochs[event.epoch] = event
        seconds = self._state.finished_epochs_seconds + event.training_seconds
        return {"finished_epochs_seconds": seconds, "training_seconds": seconds}

    def _start_or_end(
        self, event: RunStarted | RunResumed | RunFinished | RunAdapted | RunStopped | RunFailed
    ) -> dict[str, Any]:
        match event:
            case RunStarted():
                return {"started": event, "total_epochs": event.epochs}
            case RunResumed():
                return {**self._go_back(event), **_changed_length(event, self._windows_per_epoch)}
            case RunFinished() | RunStopped():
                seconds = event.training_seconds
                return {"end": event, "training_seconds": seconds, "saved_seconds": seconds}
        return {"end": event}

    @property
    def _windows_per_epoch(self) -> int:
        return self._state.started.windows_per_epoch if self._state.started else 1

    def _add_progress(self, event: Progress) -> dict[str, Any]:
        self._rates[event.epoch] = event.learning_rate
        if can_be_drawn(event.perplexity):
            self._curve.append(_point(event))
        if len(self._curve) > MAX_POINTS:
            self._curve = thinned(self._curve)
        seconds = event.training_seconds
        pause = seconds - self._state.training_seconds
        return {"progress": event, "training_seconds": seconds, "usual_pause": pause}

    def _go_back(self, event: RunResumed) -> dict[str, Any]:
        """Drop everything after the checkpoint from which the run resumes."""
        progress = self._state.progress
        place = event.epoch - 1 + event.window / self._windows_per_epoch
        self._curve = [point for point in self._curve if point.epochs < place]
        self._epochs = {number: epoch for number, epoch in self._epochs.items() if number < event.epoch}
        self._rates = {number: rate for number, rate in self._rates.items() if number <= event.epoch}
        seconds = sum(epoch.training_seconds for epoch in self._epochs.values())
        return {
            "end": None,
            "changing": MappingProxyType(event.changed),
            "progress": progress if progress and progress.epoch - 1 + progress.fraction < place else None,
            "finished_epochs_seconds": seconds,
            "training_seconds": max(self._state.saved_seconds, seconds),
        }


def _point(event: Progress) -> CurvePoint:
    return CurvePoint(
        event.epoch - 1 + event.fraction,
        event.epoch,
        event.perplexity,
        event.estimate,
        event.recent_words_per_second or event.words_per_second,
        event.learning_rate,
    )


def _changed_length(event: RunResumed, windows_per_epoch: int) -> dict[str, int]:
    match event.changed:
        case {"training.windows": int(windows)} if windows:
            return {"total_epochs": math.ceil(windows / windows_per_epoch)}
        case {"training.epochs": int(epochs)}:
            return {"total_epochs": epochs}
    return {}


def fold(events: Iterable[AnyEvent], start: RunState | None = None) -> RunState:
    """Return the state after `events`, folded into `start`."""
    folded = StateFold(start)
    for event in events:
        folded.apply(event)
    return folded.state
