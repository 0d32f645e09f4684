"""How often a word's nearest words are of its own kind, for words whose kind is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptbterm.inference.embeddings import WordVectors

Numbers = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Purity:
    """Fractions, 0 to 1, of near words that have a word's own kind: means over `words` words of `kinds` kinds.

    Words whose kind no other word has are not counted; near words may be any, and those without a kind never
    match. `nearest` is for the one nearest word; `whole_kind` for as many near words as the kind has other words,
    so that 1 means perfectly separated kinds; `chance` is the expected value of both for random vectors.
    """

    words: int
    kinds: int
    nearest: float
    whole_kind: float
    chance: float


def neighbor_purity(words: WordVectors, kinds: Mapping[str, str]) -> Purity:
    """Return the purity of the nearest words by cosine."""
    return _purity(words.directions @ words.directions.T, words.vocabulary, kinds)


def map_purity(places: Numbers, vocabulary: Sequence[str], kinds: Mapping[str, str]) -> Purity:
    """Return the purity of the nearest words on a map of the most frequent words, `places` (words, 2)."""
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    return _purity(-distances, vocabulary[: len(places)], kinds)


def cluster_purity(clusters: Sequence[int], vocabulary: Sequence[str], kinds: Mapping[str, str]) -> float:
    """Return the fraction, 0 to 1, of the other words in a word's cluster that have its kind.

    It is a mean over the words whose kind and whose cluster have other words; `Purity.chance` is its chance level.
    """
    alike = _alike(vocabulary[: len(clusters)], kinds)
    together = np.equal.outer(clusters, clusters)
    np.fill_diagonal(together, val=False)
    counted = alike.any(axis=1) & together.any(axis=1)
    return float(((alike & together).sum(axis=1)[counted] / together.sum(axis=1)[counted]).mean())


def _purity(nearness: Numbers, vocabulary: Sequence[str], kinds: Mapping[str, str]) -> Purity:
    alike = _alike(vocabulary, kinds)
    kind_sizes = alike.sum(axis=1)
    counted = kind_sizes > 0
    distances = -nearness
    np.fill_diagonal(distances, np.inf)
    near = np.take_along_axis(alike, np.argsort(distances, axis=1, kind="stable"), axis=1)
    return Purity(
        words=int(counted.sum()),
        kinds=len({kinds[word] for word, is_counted in zip(vocabulary, counted, strict=True) if is_counted}),
        nearest=float(near[counted, 0].mean()),
        whole_kind=float(
            np.mean([row[:size].mean() for row, size in zip(near[counted], kind_sizes[counted], strict=True)])
        ),
        chance=float((kind_sizes[counted] / (len(alike) - 1)).mean()),
    )


def _alike(vocabulary: Sequence[str], kinds: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Return which pairs of words have the same kind, (words, words); False on the diagonal."""
    labels = np.array([kinds.get(word, "") for word in vocabulary])
    alike: npt.NDArray[np.bool_] = (labels[:, None] == labels) & (labels != "")
    np.fill_diagonal(alike, val=False)
    return alike
