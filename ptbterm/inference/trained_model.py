"""A trained model read back from its run, which holds everything it needs."""

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ptbterm import locations
from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary
from ptbterm.inference.embeddings import Neighbor, Side, WordVectors, word_vectors
from ptbterm.inference.predictor import Prediction, Predictor
from ptbterm.model.checkpoint import load_checkpoint, load_weights
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

    def word_vectors(self, side: str = "both") -> WordVectors:
        """Return a vector a word: of the "input" (the embedding), the "output" (the softmax), or of both."""
        weights = {name: weight.detach().cpu().numpy() for name, weight in self.model.named_parameters()}
        return word_vectors(self.vocabulary, weights, Side(side))

    def embedding(self, word: str) -> npt.NDArray[np.float32]:
        """Return the word's row of the embedding, (hidden_size,); raises `PtbtermError` if the word is unknown."""
        return self.word_vectors("input").vector(word)

    def neighbors(self, word: str, k: int = 10, side: str = "both") -> list[Neighbor]:
        """Return the `k` words whose vectors have the greatest cosine to the word's, the greatest first.

        Raises `PtbtermError` if the word is unknown.
        """
        return self.word_vectors(side).neighbors(word, k)


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
