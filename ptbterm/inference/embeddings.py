"""The word vectors a model learned: one a word, near in direction where words are used alike."""

import difflib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError


@dataclass(frozen=True)
class Neighbor:
    """A word and the cosine of its vector's angle to another's: 1 where they point the same way, -1 opposite."""

    word: str
    similarity: float


@dataclass(frozen=True)
class WordVectors:
    """The rows of a model's embedding, (vocabulary, hidden_size), in the order of the vocabulary."""

    vocabulary: Vocabulary
    vectors: npt.NDArray[np.float32]

    @cached_property
    def directions(self) -> npt.NDArray[np.float32]:
        """The vectors at length 1, (vocabulary, hidden_size); a vector of zeros stays one."""
        lengths = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        return self.vectors / np.maximum(lengths, np.finfo(np.float32).tiny)

    def vector(self, word: str) -> npt.NDArray[np.float32]:
        """Return a copy of the word's vector, (hidden_size,); raises `PtbtermError` if the word is unknown."""
        return self.vectors[known_id(self.vocabulary, word)].copy()

    def neighbors(self, word: str, k: int = 10) -> list[Neighbor]:
        """Return the `k` other words with the greatest cosine to `word`, the greatest first.

        Raises `PtbtermError` if the word is unknown.
        """
        number = known_id(self.vocabulary, word)
        similarities = self.directions @ self.directions[number]
        similarities[number] = -np.inf
        nearest = np.argsort(-similarities, kind="stable")[: min(k, len(self.vocabulary) - 1)]
        return [Neighbor(self.vocabulary[other], float(similarities[other])) for other in nearest.tolist()]


def known_id(vocabulary: Vocabulary, word: str) -> int:
    """Return the word's id; raises `PtbtermError` if it has none, with the nearest word that has one."""
    if word not in vocabulary:
        near = difflib.get_close_matches(word.lower(), vocabulary, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Give one of its {len(vocabulary):,} words."
        raise PtbtermError(f"The model does not know the word {word!r}.", hint)
    return vocabulary.id_of(word)
