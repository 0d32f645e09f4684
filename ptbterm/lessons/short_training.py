"""A training of a few hundred windows by the real trainer, paused every few windows."""

from collections.abc import Iterator
from pathlib import Path

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import AnyEvent, Glimpse, Progress
from ptbterm.runs.journal import Journal
from ptbterm.runs.state import RunState
from ptbterm.settings.resolve import Resolved
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.new_run import new_run
from ptbterm.training.trainer import Trainer

WINDOWS = 319
"""Windows up to the notebook's third printed report; fewer if the epoch is shorter."""
WINDOWS_PER_PAUSE = 4


class ShortTraining:
    """Trains in portions, continues where it paused, and keeps its progress reports and samples."""

    def __init__(self, corpus: EncodedCorpus, resolved: Resolved, runs: Path) -> None:
        self.progress: list[Progress] = []
        self.glimpses: list[Glimpse] = []
        self._next_pause = 0
        run = new_run(runs, "tour", resolved, corpus)
        self._trainer = Trainer(resolved.settings.model, resolved.settings.training, corpus)
        self._loop = TrainingLoop(
            run,
            resolved.preset,
            corpus,
            self._trainer,
            journal=Journal(run.events_file, self._on_event),
            stop_requested=self._should_pause,
            past=RunState(),
        )
        self.windows = min(WINDOWS, self._trainer.windows, self._trainer.total_windows)

    @property
    def model(self) -> LanguageModel:
        """The model, as trained so far."""
        return self._trainer.model

    @property
    def done(self) -> int:
        """Windows trained so far."""
        return self._trainer.window

    def continue_to_end(self) -> Iterator[float]:
        """Train to the end, yielding the progress (0 to 1) every few windows."""
        while self.done < self.windows:
            self._next_pause = min(self.done + WINDOWS_PER_PAUSE, self.windows)
            self._loop.train_epoch()
            yield self.done / self.windows

    def _should_pause(self) -> bool:
        return self._trainer.window >= self._next_pause

    def _on_event(self, event: AnyEvent) -> None:
        if isinstance(event, Progress):
            self.progress.append(event)
        elif isinstance(event, Glimpse):
            self.glimpses.append(event)
