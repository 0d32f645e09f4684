"""A training of some hundred windows: the real trainer, stopped every few windows to look, or to leave."""

from collections.abc import Callable, Iterator
from pathlib import Path

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import AnyEvent, Glimpse, Progress
from ptbterm.runs.journal import Journal
from ptbterm.runs.state import RunState
from ptbterm.settings.resolve import Resolved
from ptbterm.training.session import new_run
from ptbterm.training.trainer import Trainer

WINDOWS = 319
"""As many as end where the notebook prints for the third time; fewer where an epoch has no more."""
WINDOWS_A_LOOK = 4


def new_trainer(
    corpus: EncodedCorpus,
    resolved: Resolved,
    runs: Path,
    listener: Callable[[AnyEvent], None] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> Trainer:
    """Return the trainer of a new run in a folder; raises `PtbtermError` if the text is too short."""
    run = new_run(runs, f"tour-{len(list(runs.iterdir())) + 1}", resolved, corpus)
    journal = Journal(run.events_file, listener)
    return Trainer(
        run, run.read_record(), corpus, journal=journal, stop_requested=stop_requested, known=RunState()
    )


class ShortTraining:
    """Goes on where it was left, and remembers what it has told."""

    def __init__(self, corpus: EncodedCorpus, resolved: Resolved, runs: Path) -> None:
        self.progress: list[Progress] = []
        self.glimpses: list[Glimpse] = []
        self._next_look = 0
        self._trainer = new_trainer(corpus, resolved, runs, self._hear, self._has_done_its_share)
        self.windows = min(WINDOWS, self._trainer.windows, self._trainer.total_windows)

    @property
    def model(self) -> LanguageModel:
        """The model that learns, ready to be asked."""
        return self._trainer.model.eval()

    @property
    def done(self) -> int:
        """Windows learned so far."""
        return self._trainer.window

    @property
    def windows_per_epoch(self) -> int:
        """Windows in the whole training text."""
        return self._trainer.windows

    def go_on(self) -> Iterator[float]:
        """Train to the end, and yield the share that is done every few windows."""
        while self.done < self.windows:
            self._next_look = min(self.done + WINDOWS_A_LOOK, self.windows)
            self._trainer.model.train()
            self._trainer.train_epoch()
            yield self.done / self.windows

    def _has_done_its_share(self) -> bool:
        return self._trainer.window >= self._next_look

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, Progress):
            self.progress.append(event)
        elif isinstance(event, Glimpse):
            self.glimpses.append(event)
