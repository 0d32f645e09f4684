"""The words of the map with their places, clusters, marks and neighbors. Free of torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ptbterm.inference.embeddings import Neighbor, WordVectors
from ptbterm.inference.word_map import WordMap
from ptbterm.terminal.text.symbols import MARKS

NEAREST = 9
"""Neighbors shown: as many as there are digits to select one."""
FIRST_AMONG = 500

Numbers = npt.NDArray[np.float64]


MEANING = "Words used in similar contexts are close (t-SNE)"
"""What the map shows."""


@dataclass(frozen=True)
class Caption:
    """The run and the corpus of the words."""

    run: str
    corpus: str


@dataclass(frozen=True)
class Atlas:
    """Words by id, the most frequent first; those beyond the map have neighbors but no place."""

    caption: Caption
    words: WordVectors
    map: WordMap

    @cached_property
    def places(self) -> Numbers:
        """(words on the map, 2), from 0 to 1; y goes down, as rows do."""
        return np.column_stack([self.map.x, 1 - np.array(self.map.y)])

    @cached_property
    def marks(self) -> list[int]:
        """The number of each cluster's mark, from 0; clusters that share a mark are far apart."""
        clusters = np.array(self.map.cluster)
        centers = np.array([self.places[clusters == number].mean(axis=0) for number in range(clusters.max() + 1)])
        marks: list[int] = []
        for number, center in enumerate(centers):
            distances = np.linalg.norm(centers[:number] - center, axis=1)
            nearest = [
                min(
                    (
                        float(distance)
                        for distance, mark in zip(distances, marks, strict=True)
                        if mark == candidate
                    ),
                    default=np.inf,
                )
                for candidate in range(MARKS)
            ]
            marks.append(int(np.argmax(nearest)))
        return marks

    @cached_property
    def first(self) -> int:
        """The word selected at first: of the most frequent ones, the one with the closest neighbors."""
        directions = self.words.directions[: min(len(self), FIRST_AMONG)]
        nearest = np.sort(directions @ directions.T, axis=1)[:, -NEAREST - 1 : -1]
        return int(np.argmax(nearest.mean(axis=1)))

    def __len__(self) -> int:
        return len(self.map)

    def place_of(self, word: int) -> tuple[float, float]:
        """Return the place of a word; for one beyond the map, that of the nearest word on it."""
        if word >= len(self):
            word = int(np.argmax(self.words.directions[: len(self)] @ self.words.directions[word]))
        x, y = self.places[word].tolist()
        return x, y

    def mark_of(self, word: int) -> int:
        """Return the number of the mark of a word's cluster."""
        return self.marks[self.map.cluster[word]]

    def cluster_of(self, word: int) -> list[int]:
        """Return the words of the same cluster, this one among them, the most frequent first."""
        return [other for other, number in enumerate(self.map.cluster) if number == self.map.cluster[word]]

    def neighbors(self, word: int) -> list[Neighbor]:
        """Return the nearest words by cosine, on the map or not."""
        return self.words.neighbors(self.words.vocabulary[word], NEAREST)

    def search(self, typed: str) -> int | None:
        """Return the typed word, else the most frequent that starts with it or contains it, else None."""
        vocabulary = self.words.vocabulary
        for text in (typed, typed.lower()):
            if text in vocabulary:
                return vocabulary.id_of(text)
        return next(self._matches(typed.lower()), None)

    def _matches(self, typed: str) -> Iterator[int]:
        vocabulary = self.words.vocabulary
        yield from (number for number, word in enumerate(vocabulary) if word.startswith(typed))
        yield from (number for number, word in enumerate(vocabulary) if typed in word)

    def nearest_to(self, x: float, y: float, cells: int, rows: int) -> int:
        """Return the word nearest to a place, for a whole map of `cells` by `rows`."""
        return int(np.argmin(np.linalg.norm((self.places - (x, y)) * _stretch(cells, rows), axis=1)))

    def towards(self, word: int, across: int, down: int, cells: int, rows: int) -> int:
        """Return the nearest word within 45 degrees of a direction, by steps ahead and aside."""
        ways = (self.places - self.place_of(word)) * _stretch(cells, rows)
        ahead = ways @ np.array([across, down])
        aside = np.abs(ways @ np.array([down, across]))
        distance = np.where((ahead > 0) & (aside <= ahead), ahead + aside, np.inf)
        best = int(np.argmin(distance))
        return best if np.isfinite(distance[best]) else word


def _stretch(cells: int, rows: int) -> Numbers:
    """Return the factors of distances on a screen, whose rows are as high as two cells."""
    return np.array([cells, 2 * rows], dtype=np.float64)
