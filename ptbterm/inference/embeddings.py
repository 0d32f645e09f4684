"""The word vectors that a model learned: near in direction where words are used alike. Needs no torch.

A model has two vectors for each word: the row of the embedding that it reads, and the column of the softmax that
it predicts with. In a tied model they are one. Predicted words alike mean more than words read alike (Press & Wolf
2017, arXiv 1608.05859); side by side, each at length 1, they tell most, and the cosine is then the mean of both.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.model.tensor_names import EMBEDDING, SOFTMAX_WEIGHT
from ptbterm.runs.run import Run
from ptbterm.settings.choices import Side

Table = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Neighbor:
    """A word and the cosine of its vector's angle to another's: 1 where they point the same way, -1 opposite."""

    word: str
    similarity: float


@dataclass(frozen=True)
class WordVectors:
    """A vector a word, (vocabulary, size), in the order of the vocabulary."""

    vocabulary: Vocabulary
    vectors: Table

    @cached_property
    def directions(self) -> Table:
        """The vectors at length 1, (vocabulary, size)."""
        return _at_length_1(self.vectors)

    def vector(self, word: str) -> Table:
        """Return a copy of the word's vector, (size,); raises `PtbtermError` if the word is unknown."""
        return np.array(self.vectors[self.vocabulary.known_id(word)])

    def neighbors(self, word: str, k: int = 10) -> list[Neighbor]:
        """Return the `k` other words with the greatest cosine to `word`, the greatest first.

        Raises `PtbtermError` if the word is unknown.
        """
        number = self.vocabulary.known_id(word)
        # tour shows: nearest
        similarities = self.directions @ self.directions[number]
        similarities[number] = -np.inf
        nearest = np.argsort(-similarities, kind="stable")[: min(k, len(self.vocabulary) - 1)]

        return [Neighbor(self.vocabulary[other], float(similarities[other])) for other in nearest.tolist()]


def word_vectors(vocabulary: Vocabulary, read: Table, predicted: Table | None, side: Side = "both") -> WordVectors:
    """Return the vectors that a model reads, those it predicts with, or both side by side.

    `read` and `predicted` are (vocabulary, hidden); `predicted` is None in a tied model.
    """
    if side == "input" or predicted is None:
        return WordVectors(vocabulary, read)
    if side == "output":
        return WordVectors(vocabulary, predicted)
    return WordVectors(vocabulary, np.hstack([_at_length_1(read), _at_length_1(predicted)]))


def read_word_vectors(run: Run, side: Side = "both") -> WordVectors:
    """Read them from a run's best checkpoint, and nothing else of it.

    Raises `PtbtermError` where the run has none or its files are damaged.
    """
    vocabulary = read_vocabulary(run.vocabulary_file)
    checkpoint = run.checkpoint_to_use()
    try:
        with safe_open(checkpoint, framework="numpy") as file:
            read, columns = (
                file.get_tensor(name) if name in file.keys() else None  # noqa: SIM118
                for name in (EMBEDDING, SOFTMAX_WEIGHT)
            )
    except SafetensorError as error:
        raise PtbtermError(f"Checkpoint {checkpoint} can't be read: {error}.") from error
    if read is None or len(read) != len(vocabulary):
        raise PtbtermError(f"Checkpoint {checkpoint} does not hold a vector for each word of its run.")
    predicted = None if columns is None else np.ascontiguousarray(columns.T)
    return word_vectors(vocabulary, read, predicted, side)


def _at_length_1(vectors: Table) -> Table:
    """Return each vector over its length; a vector of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: Table = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return directions
