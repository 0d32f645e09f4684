"""A training of some hundred windows: the real trainer, stopped every few windows to look, or to leave."""

from collections.abc import Iterator
from pathlib import Path

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import AnyEvent, Glimpse, Progress
from ptbterm.runs.journal import Journal
from ptbterm.runs.state import RunState
from ptbterm.settings.resolve import Resolved
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.session import new_run
from ptbterm.training.trainer import Trainer

WINDOWS = 319
"""As many as end where the notebook prints for the third time; fewer where an epoch has no more."""
WINDOWS_A_LOOK = 4


class ShortTraining:
    """Goes on where it was left, and remembers what it has told."""

    def __init__(self, corpus: EncodedCorpus, resolved: Resolved, runs: Path) -> None:
        self.progress: list[Progress] = []
        self.glimpses: list[Glimpse] = []
        self._next_look = 0
        run = new_run(runs, "tour", resolved, corpus)
        self._trainer = Trainer(resolved.settings.model, resolved.settings.training, corpus)
        self._loop = TrainingLoop(
            run,
            resolved.preset,
            corpus,
            self._trainer,
            journal=Journal(run.events_file, self._hear),
            stop_requested=self._has_done_its_share,
            known=RunState(),
        )
        self.windows = min(WINDOWS, self._trainer.windows, self._trainer.total_windows)

    @property
    def model(self) -> LanguageModel:
        """The model that learns, ready to be asked."""
        return self._trainer.model.eval()

    @property
    def done(self) -> int:
        """Windows learned so far."""
        return self._trainer.window

    def go_on(self) -> Iterator[float]:
        """Train to the end, and yield the share that is done every few windows."""
        while self.done < self.windows:
            self._next_look = min(self.done + WINDOWS_A_LOOK, self.windows)
            self._trainer.model.train()
            self._loop.train_epoch()
            yield self.done / self.windows

    def _has_done_its_share(self) -> bool:
        return self._trainer.window >= self._next_look

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, Progress):
            self.progress.append(event)
        elif isinstance(event, Glimpse):
            self.glimpses.append(event)
