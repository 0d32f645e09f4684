"""Do words of a kind lie near each other? How often near words are alike, where kinds of words are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptbterm.inference.embeddings import WordVectors

Numbers = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Purity:
    """Shares, from 0 to 1, of near words that are of a word's own kind, as a mean over the words of known kind.

    A word is known if `kinds` gives it a kind that another word has too. Near may be any word of all: one without
    a kind is never alike. `nearest` looks at the one nearest word; `whole_kind` at as many as there are others of
    the kind, so that 1 means that each kind keeps to itself; `chance` is what either is where nothing is known.
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
    """Return the purity of the nearest words on a map of the most frequent words, `places` (words on it, 2)."""
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    return _purity(-distances, vocabulary[: len(places)], kinds)


def cluster_purity(clusters: Sequence[int], vocabulary: Sequence[str], kinds: Mapping[str, str]) -> float:
    """Return the share, from 0 to 1, of the other words of its cluster that are of a word's own kind, as a mean.

    It is the mean over the words of known kind whose cluster has other words; chance is that of `Purity`.
    """
    alike = _alike(vocabulary[: len(clusters)], kinds)
    together = np.equal.outer(clusters, clusters)
    np.fill_diagonal(together, val=False)
    counted = alike.any(axis=1) & together.any(axis=1)
    return float(((alike & together).sum(axis=1)[counted] / together.sum(axis=1)[counted]).mean())


def _purity(nearness: Numbers, vocabulary: Sequence[str], kinds: Mapping[str, str]) -> Purity:
    alike = _alike(vocabulary, kinds)
    others = alike.sum(axis=1)
    known = others > 0
    away = -nearness
    np.fill_diagonal(away, np.inf)
    near = np.take_along_axis(alike, np.argsort(away, axis=1, kind="stable"), axis=1)
    return Purity(
        words=int(known.sum()),
        kinds=len({kinds[word] for word, is_known in zip(vocabulary, known, strict=True) if is_known}),
        nearest=float(near[known, 0].mean()),
        whole_kind=float(
            np.mean([row[:count].mean() for row, count in zip(near[known], others[known], strict=True)])
        ),
        chance=float((others[known] / (len(alike) - 1)).mean()),
    )


def _alike(vocabulary: Sequence[str], kinds: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Return whether two words are of one known kind, (words, words); no word is alike itself."""
    labels = np.array([kinds.get(word, "") for word in vocabulary])
    alike: npt.NDArray[np.bool_] = (labels[:, None] == labels) & (labels != "")
    np.fill_diagonal(alike, val=False)
    return alike
