"""What a session of training writes as it starts: events and settings, in an order that survives a kill."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import torch

from ptbterm.runs.events import RunResumed, RunStarted, Warned
from ptbterm.runs.journal import Journal
from ptbterm.runs.record import RunFacts, RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState
from ptbterm.training.saving import Saved
from ptbterm.training.schedules import total_epochs
from ptbterm.training.trainer import Trainer


@dataclass(frozen=True)
class SessionStart:
    """The start of a session: a new run's, or that of a run with a past, whose trainer was restored from `saved`.

    `record` holds the settings before the session, `changed` those that it changes.
    """

    run: Run
    record: RunRecord
    past: RunState
    trainer: Trainer
    saved: Saved
    changed: Mapping[str, object]
    threads: int
    has_same_streams: bool

    def write(self, journal: Journal) -> None:
        """Append the events and write the settings; a kill between two writes loses no change."""
        is_new = self.past.started is None
        if is_new:
            self.run.write_record(self.new_record)  # before the event, so that minutes are measured only once
            journal.append(self._started())
        if not is_new or self.saved.checkpoint:
            journal.append(self.resumed)
            for warning in self._warnings():
                journal.append(warning)
        if not is_new and self.new_record != self.record:
            journal.flush()  # before the settings: after a kill in between, the next resume reads the event
            self.run.write_record(self.new_record)

    @property
    def resumed(self) -> RunResumed:
        """The event of a resumed run, with the position of its checkpoint."""
        changed = msgspec.to_builtins(dict(self.changed))
        return RunResumed(run=self.run.name, epoch=self.trainer.epoch, window=self.trainer.window, changed=changed)

    @cached_property
    def new_record(self) -> RunRecord:
        """The settings of this session; a new run's have the facts that only its trainer knows."""
        return msgspec.structs.replace(self.record, training=self.trainer.settings, run=self._facts())

    def _facts(self) -> RunFacts:
        if self.past.started is not None:
            return self.record.run
        return msgspec.structs.replace(self.record.run, **self._machine())

    def _machine(self) -> dict[str, Any]:
        return {
            "torch": str(torch.__version__),
            "device": str(self.trainer.device),
            "threads": self.threads,
        }

    def _started(self) -> RunStarted:
        record, trainer = self.new_record, self.trainer
        return RunStarted(
            run=self.run.name,
            preset=record.preset,
            corpus=record.run.corpus,
            device=record.run.device,
            threads=record.run.threads,
            seed=trainer.settings.seed,
            epochs=total_epochs(trainer.settings, trainer.windows),
            windows_per_epoch=trainer.windows,
            parameters=sum(weights.numel() for weights in trainer.model.parameters()),
            torch=record.run.torch,
        )

    def _warnings(self) -> Iterator[Warned]:
        if self.saved.warning:
            yield self.saved.warning
        if not self.has_same_streams:
            yield self._new_streams()
        elif other_machine := self._other_machine():
            yield other_machine

    def _new_streams(self) -> Warned:
        return Warned(
            message=f"The checkpoint's random streams are of another device than {self.trainer.device} and start "
            "again.",
            hint="Training continues from the same weights; it is bit-identical only on one kind of device.",
        )

    def _other_machine(self) -> Warned | None:
        """Return a warning if torch, the device or the number of threads has changed since the run began."""
        compared = ((name, getattr(self.new_record.run, name), now) for name, now in self._machine().items())
        changes = ", ".join(f"{name} {before}, now {now}" for name, before, now in compared if before != now)
        if not changes:
            return None
        return Warned(
            message=f"Run {self.run.name} was trained with {changes}.",
            hint="Training continues; the result may not be bit-identical to an uninterrupted run.",
        )
