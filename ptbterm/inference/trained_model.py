"""A trained model read back from its run, which holds everything it needs."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ptbterm import locations
from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary
from ptbterm.inference.predictor import Prediction, Predictor
from ptbterm.model.checkpoint import load_checkpoint, load_weights
from ptbterm.model.device import choose_device
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import NextWord
from ptbterm.runs.run import Run, RunRecord, find_run


@dataclass(frozen=True)
class TrainedModel:
    """A model with the best valid perplexity of its run, its vocabulary, and how it was made."""

    run: Run
    record: RunRecord
    vocabulary: Vocabulary
    model: LanguageModel
    epochs: int

    @cached_property
    def predictor(self) -> Predictor:
        """What ranks words; it remembers what it has read."""
        return Predictor(self.model, self.vocabulary)

    def predict(self, context: str, k: int = 10) -> Prediction:
        """Return the `k` most probable next words after `context`, how it was read, and the entropy (bits)."""
        return self.predictor.predict(context, k)

    def next_words(self, context: str, k: int = 10) -> list[NextWord]:
        """Return the `k` most probable next words after `context`, the likeliest first."""
        return list(self.predict(context, k).next_words)


def load_run(run: Run, device: str = "auto") -> TrainedModel:
    """Read a run's best model; raises `PtbtermError` where the run has none or its files are damaged."""
    record = run.read_record()
    checkpoint = load_checkpoint(run.checkpoint_to_use())
    vocabulary = read_vocabulary(run.vocabulary_file)
    model = LanguageModel(record.model, len(vocabulary))
    load_weights(model, checkpoint)
    model.to(choose_device(device)).eval()
    return TrainedModel(run, record, vocabulary, model, checkpoint.position.epochs_done)


def load(run: str | Path | None = None, *, device: str = "auto") -> TrainedModel:
    """Read the best model of a run: by name, unique prefix or path; without one, of the newest run.

    Raises `PtbtermError` where there is no such run, or where its files are damaged.
    """
    return load_run(find_run(locations.runs(), None if run is None else str(run)), device)
