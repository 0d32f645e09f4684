"""All that the map shows of words: their places, clusters, marks and neighbours. Needs no torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ptbterm.inference.embeddings import Neighbor, WordVectors
from ptbterm.inference.word_map import WordMap
from ptbterm.terminal.text.symbols import MARKS

NEAREST = 9
"""How many neighbours are shown: as many as there are digits to go to them."""
FIRST_AMONG = 500

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Caption:
    """Whose words these are."""

    run: str
    corpus: str


@dataclass(frozen=True)
class Atlas:
    """Words by id, the most frequent first; those beyond the map have neighbours and no place."""

    caption: Caption
    words: WordVectors
    map: WordMap

    @cached_property
    def places(self) -> Numbers:
        """(words on the map, 2), from 0 to 1; y goes down, as rows do."""
        return np.column_stack([self.map.x, 1 - np.array(self.map.y)])

    @cached_property
    def marks(self) -> list[int]:
        """The number of each cluster's mark, from 0: more clusters than marks, so alike ones lie far apart."""
        clusters = np.array(self.map.cluster)
        centres = np.array([self.places[clusters == number].mean(axis=0) for number in range(clusters.max() + 1)])
        marks: list[int] = []
        for number, centre in enumerate(centres):
            distances = np.linalg.norm(centres[:number] - centre, axis=1)
            nearest = [
                min(
                    (float(far) for far, mark in zip(distances, marks, strict=True) if mark == each),
                    default=np.inf,
                )
                for each in range(MARKS)
            ]
            marks.append(int(np.argmax(nearest)))
        return marks

    @cached_property
    def first(self) -> int:
        """The word to begin with: of the most frequent, the one whose nearest among them are nearest."""
        directions = self.words.directions[: min(len(self), FIRST_AMONG)]
        nearest = np.sort(directions @ directions.T, axis=1)[:, -NEAREST - 1 : -1]
        return int(np.argmax(nearest.mean(axis=1)))

    def __len__(self) -> int:
        return len(self.map)

    def place_of(self, word: int) -> tuple[float, float]:
        """Return where a word is; one beyond the map is looked for where the nearest word on the map is."""
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
        """Return the word typed, or the most frequent that begins so, or that holds it; None if none does."""
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
        """Return the word nearest to a place, where the whole map has so many cells and rows."""
        return int(np.argmin(np.linalg.norm((self.places - (x, y)) * _stretch(cells, rows), axis=1)))

    def towards(self, word: int, across: int, down: int, cells: int, rows: int) -> int:
        """Return the next word that way: the nearest within 45 degrees, by steps ahead and aside."""
        ways = (self.places - self.place_of(word)) * _stretch(cells, rows)
        ahead = ways @ np.array([across, down])
        aside = np.abs(ways @ np.array([down, across]))
        distance = np.where((ahead > 0) & (aside <= ahead), ahead + aside, np.inf)
        best = int(np.argmin(distance))
        return best if np.isfinite(distance[best]) else word


def _stretch(cells: int, rows: int) -> Numbers:
    """Return factors that make distances what they are on a screen, where a row is as high as two cells."""
    return np.array([cells, 2 * rows], dtype=np.float64)
