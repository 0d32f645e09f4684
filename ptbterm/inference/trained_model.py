"""A trained model read back from its run, which holds everything it needs."""

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from ptbterm import locations
from ptbterm.corpus.checksums import sha256_of
from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.predictor import Prediction, Predictor
from ptbterm.model.checkpoint import WEIGHTS, Checkpoint, load_checkpoint, load_weights
from ptbterm.model.device import choose_device
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import NextWord
from ptbterm.runs.run import Run, RunRecord, find_run

_READING = threading.Lock()
"""What is remembered of texts is changed by one thread at a time."""


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
        with _READING:
            return self.predictor.predict(context, k)

    def next_words(self, context: str, k: int = 10) -> list[NextWord]:
        """Return the `k` most probable next words after `context`, the likeliest first."""
        return list(self.predict(context, k).next_words)


def load_run(run: Run, device: str = "auto") -> TrainedModel:
    """Read a run's best model; raises `PtbtermError` where the run has none or its files are damaged."""
    record = run.read_record()
    checkpoint = load_checkpoint(run.checkpoint_to_use())
    vocabulary = _vocabulary_of(run, record)
    _refuse_other_shapes(checkpoint, record, len(vocabulary))
    model = LanguageModel(record.model, len(vocabulary))
    load_weights(model, checkpoint)
    model.to(choose_device(device)).eval()
    return TrainedModel(run, record, vocabulary, model, checkpoint.position.epochs_done)


def _vocabulary_of(run: Run, record: RunRecord) -> Vocabulary:
    vocabulary = read_vocabulary(run.vocabulary_file)
    expected = record.run.vocabulary_sha256
    if expected and sha256_of(run.vocabulary_file) != expected:
        raise PtbtermError(f"{run.vocabulary_file} is not the vocabulary that run {run.name} was made with.")
    return vocabulary


def _refuse_other_shapes(checkpoint: Checkpoint, record: RunRecord, vocabulary_size: int) -> None:
    """Raise before a model takes memory, which damaged settings may want without end."""
    with torch.device("meta"):
        model = LanguageModel(record.model, vocabulary_size)
    for name, weights in model.state_dict().items():
        found = checkpoint.tensors.get(f"{WEIGHTS}{name}")
        if found is None or found.shape != weights.shape:
            shape = "missing" if found is None else f"of shape {tuple(found.shape)}"
            raise PtbtermError(
                f"Checkpoint {checkpoint.path} does not fit the settings of its run: "
                f"{name} is {shape}, not {tuple(weights.shape)}."
            )


def load(run: str | Path | None = None, *, device: str = "auto") -> TrainedModel:
    """Read the best model of a run: by name, unique prefix or path; without one, of the newest run.

    Raises `PtbtermError` where there is no such run, or where its files are damaged.
    """
    return load_run(find_run(locations.runs(), None if run is None else str(run)), device)
