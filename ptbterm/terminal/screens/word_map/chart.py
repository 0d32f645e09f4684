"""Words at their places, as lines of text. Neither marks nor words cover each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.cells import cell_len

from ptbterm.terminal.screens.word_map.atlas import Atlas
from ptbterm.terminal.text.lines import HUES, Line, Role, Span
from ptbterm.terminal.text.symbols import Symbols

NEAREST_ZOOM, ZOOM_STEP = 64.0, 1.5
MARGIN = 0.12


@dataclass(frozen=True)
class Viewport:
    """The part of the map that is shown: its center and its zoom."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0

    def within(self) -> "Viewport":
        """Return the view moved so that it shows nothing beyond the map."""
        half = 0.5 / self.zoom
        return replace(self, x=min(max(self.x, half), 1 - half), y=min(max(self.y, half), 1 - half))

    def zoomed(self, steps: int) -> "Viewport":
        """Return the view zoomed in by `steps` about its center."""
        return replace(self, zoom=min(max(self.zoom * ZOOM_STEP**steps, 1.0), NEAREST_ZOOM)).within()

    def moved(self, across: float, down: float) -> "Viewport":
        """Return the view moved by shares of what it shows."""
        return replace(self, x=self.x + across / self.zoom, y=self.y + down / self.zoom).within()

    def showing(self, x: float, y: float) -> "Viewport":
        """Return the view moved just enough to show a place away from its edge."""
        room = (0.5 - MARGIN) / self.zoom
        return replace(
            self, x=min(max(self.x, x - room), x + room), y=min(max(self.y, y - room), y + room)
        ).within()

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Return the place of the map at shares of what is shown."""
        return self.x + (across - 0.5) / self.zoom, self.y + (down - 0.5) / self.zoom


@dataclass(frozen=True)
class Chart:
    """The lines, and how many words are marked and named on them."""

    lines: list[Line]
    marked: int
    named: int


def chart_of(
    atlas: Atlas,
    view: Viewport,
    cells: int,
    rows: int,
    symbols: Symbols,
    selected: int,
    neighbors: Sequence[int],
) -> Chart:
    """Return the words that are in view, the selected one first, then its neighbors, then by frequency.

    Each has the mark of its cluster and, where that covers nothing, its name; neighbors have their numbers.
    """
    shares = (atlas.places - (view.x, view.y)) * view.zoom + 0.5
    seen = np.flatnonzero(((shares >= 0) & (shares <= 1)).all(axis=1)).tolist()
    columns = np.rint(shares[:, 0] * (cells - 1)).astype(int).tolist()
    lines = np.rint(shares[:, 1] * (rows - 1)).astype(int).tolist()
    numbers = {word: number for number, word in enumerate(neighbors, 1)}
    sheet, marked, named = _Sheet(cells, rows), 0, 0
    for word in _in_order(seen, selected, neighbors):
        mark, role = symbols.marks[atlas.mark_of(word)], HUES[atlas.mark_of(word) % len(HUES)]
        if word == selected or word in numbers:
            mark, role = (symbols.taken if word == selected else str(numbers[word])), Role.STRONG
        name = symbols.word(atlas.words.vocabulary[word])
        place = (lines[word], columns[word])
        if sheet.put_first_that_fits(
            place, ((f"{mark} {name}", 0), (f"{name} {mark}", -cell_len(name) - 1)), role
        ):
            named += 1
        elif not sheet.put_first_that_fits(place, ((mark, 0),), role, gap=0):
            continue
        marked += 1
    return Chart(sheet.lines(), marked, named)


def _in_order(seen: Iterable[int], selected: int, neighbors: Sequence[int]) -> list[int]:
    first = [selected, *neighbors]
    ranks = {word: number - len(first) for number, word in enumerate(first)}
    return sorted(seen, key=lambda word: ranks.get(word, word))


class _Sheet:
    """Cells with a letter and a role each; each is written once."""

    def __init__(self, cells: int, rows: int) -> None:
        self.cells, self.rows = cells, rows
        self.taken = np.zeros((rows, cells), dtype=np.bool_)
        self.letters: dict[tuple[int, int], Span] = {}

    def put_first_that_fits(
        self, place: tuple[int, int], texts: Iterable[tuple[str, int]], role: Role, *, gap: int = 1
    ) -> bool:
        """Write the first of the texts (with offsets in cells) that fits with a gap; return whether one does."""
        row, column = place
        for text, offset in texts:
            start, end = column + offset, column + offset + cell_len(text)
            around = slice(max(start - gap, 0), end + gap)
            if start >= 0 and end <= self.cells and not self.taken[row, start:end].any():
                self.taken[row, around] = True
                for letter in text:
                    self.letters[row, start] = Span(letter, role)
                    start += cell_len(letter)
                return True
        return False

    def lines(self) -> list[Line]:
        return [self._line(row) for row in range(self.rows)]

    def _line(self, row: int) -> Line:
        parts: Line = []
        column = 0
        while column < self.cells:
            span = self.letters.get((row, column), Span(" "))
            if parts and parts[-1].role is span.role:
                parts[-1] = Span(parts[-1].text + span.text, span.role)
            else:
                parts.append(span)
            column += max(cell_len(span.text), 1)
        return parts
