"""The word vectors of a model: words used alike have similar directions. Free of torch.

A model has two vectors for each word: its row of the embedding (input) and its column of the softmax (output). In
a tied model they are the same. Output vectors express similarity better than input vectors (Press & Wolf 2017,
arXiv 1608.05859); the two joined, each of length 1, do it best, and their cosine is the mean of the two cosines.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary
from ptbterm.model.tensor_names import EMBEDDING, SOFTMAX_WEIGHT
from ptbterm.runs.run import Run
from ptbterm.settings.choices import Side, check_choice

Table = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Neighbor:
    """A word and its cosine similarity, from -1 to 1, to the word that was asked about."""

    word: str
    similarity: float


@dataclass(frozen=True)
class WordVectors:
    """One vector for each word, (vocabulary, size), in the order of the vocabulary."""

    vocabulary: Vocabulary
    vectors: Table

    @cached_property
    def directions(self) -> Table:
        """The vectors scaled to length 1, (vocabulary, size)."""
        return _normalize(self.vectors)

    def vector(self, word: str) -> Table:
        """Return a copy of the word's vector, (size,); raises `PtbtermError` if the word is unknown."""
        return np.array(self.vectors[self.vocabulary.known_id(word)])

    def neighbors(self, word: str, k: int = 10) -> list[Neighbor]:
        """Return the `k` other words with the highest cosine similarity to `word`, highest first.

        Raises `PtbtermError` if the word is unknown.
        """
        number = self.vocabulary.known_id(word)
        # tour shows: nearest
        similarities = self.directions @ self.directions[number]
        similarities[number] = -np.inf
        nearest = np.argsort(-similarities, kind="stable")[: min(k, len(self.vocabulary) - 1)]

        return [Neighbor(self.vocabulary[near], float(similarities[near])) for near in nearest.tolist()]


def word_vectors(vocabulary: Vocabulary, inputs: Table, outputs: Table | None, side: Side = "both") -> WordVectors:
    """Return the vectors of one side of a model, or both joined.

    `inputs` and `outputs` are (vocabulary, hidden); `outputs` is None in a tied model. Raises `PtbtermError` for
    an unknown `side`.
    """
    check_choice("side", side, Side)
    if side == "input" or outputs is None:
        return WordVectors(vocabulary, inputs)
    if side == "output":
        return WordVectors(vocabulary, outputs)
    return WordVectors(vocabulary, np.hstack([_normalize(inputs), _normalize(outputs)]))


def read_word_vectors(run: Run, side: Side = "both") -> WordVectors:
    """Read the vectors, and no other weights, from a run's best checkpoint.

    Raises `PtbtermError` if the run has no checkpoint or its files are damaged.
    """
    record = run.read_record()
    vocabulary = read_vocabulary(run.vocabulary_file, record.run.vocabulary_size)
    words, hidden = len(vocabulary), record.model.hidden_size
    checkpoint = run.checkpoint_to_use()
    try:
        with safe_open(checkpoint, framework="numpy") as file:
            inputs, columns = (
                file.get_tensor(name)
                if name in file.keys() and file.get_slice(name).get_shape() == shape  # noqa: SIM118
                else None
                for name, shape in ((EMBEDDING, [words, hidden]), (SOFTMAX_WEIGHT, [hidden, words]))
            )
    except SafetensorError as error:
        raise run.unusable(checkpoint, f"Checkpoint {checkpoint} can't be read: {error}.") from error
    if inputs is None:
        raise run.unusable(checkpoint, f"Checkpoint {checkpoint} lacks the vectors of its run's words.")
    outputs = None if columns is None else np.ascontiguousarray(columns.T)
    return word_vectors(vocabulary, inputs, outputs, side)


def _normalize(vectors: Table) -> Table:
    """Scale each vector to length 1; a vector of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: Table = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return directions
