"""Do words of a kind have vectors of a kind? How often neighbours are alike, where kinds of words are known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ptbterm.inference.embeddings import WordVectors


@dataclass(frozen=True)
class Purity:
    """Shares, from 0 to 1, of neighbours that are of the word's own kind, as a mean over words.

    `nearest` looks at the one nearest word; `whole_kind` at as many as there are other words of the kind, so that
    1 means that every kind keeps to itself; `chance` is what either is for vectors that know nothing.
    """

    words: int
    kinds: int
    nearest: float
    whole_kind: float
    chance: float


def neighbor_purity(words: WordVectors, kinds: Mapping[str, str]) -> Purity:
    """Return the purity among the words that `kinds` gives a kind which another of them has too."""
    sizes = Counter(kinds[word] for word in words.vocabulary if word in kinds)
    known = [word for word in words.vocabulary if sizes[kinds.get(word, "")] > 1]
    labels = np.array([kinds[word] for word in known])
    directions = words.directions[[words.vocabulary.id_of(word) for word in known]]
    similarities = directions @ directions.T
    np.fill_diagonal(similarities, -np.inf)
    alike = labels[np.argsort(-similarities, axis=1, kind="stable")] == labels[:, None]
    others = np.array([sizes[label] - 1 for label in labels])
    return Purity(
        words=len(known),
        kinds=len(set(labels.tolist())),
        nearest=float(alike[:, 0].mean()),
        whole_kind=float(np.mean([row[:count].mean() for row, count in zip(alike, others, strict=True)])),
        chance=float(np.mean(others / (len(known) - 1))),
    )
