"""Curves in braille, with axes: pure, from numbers to lines of text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len

from ptbterm.terminal.text.axis import linear_ticks, log_ticks, roundness, spaced, tick_label
from ptbterm.terminal.text.lines import Line, Role, Span, muted

LABEL_CELLS = 6
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
"""The bits of a braille cell, four rows of two."""

Points = Sequence[tuple[float, float]]


class Stroke:
    """How a curve is drawn: which columns of dots are set, repeatedly."""

    SOLID = (1,)
    DASHED = (1, 1, 1, 1, 1, 0, 0, 0)
    DOTTED = (1, 0, 0, 0)
    DASH_DOT = (1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0)


@dataclass(frozen=True)
class Series:
    """Pieces of a line, with gaps between them."""

    pieces: Sequence[Points]
    role: Role = Role.TRAIN
    stroke: tuple[int, ...] = Stroke.SOLID
    label: str = ""


@dataclass(frozen=True)
class Marker:
    """A single point with a symbol, and its number beside it where there is room."""

    x: float
    y: float
    symbol: str
    label: str
    role: Role = Role.VALID


@dataclass(frozen=True)
class Guide:
    """A level to compare with, and its label."""

    y: float
    label: str


@dataclass(frozen=True)
class Plot:
    """The series, markers and guides to draw, and the range of x and y that is shown."""

    x: tuple[float, float]
    y: tuple[float, float]
    series: Sequence[Series] = ()
    markers: Sequence[Marker] = ()
    guides: Sequence[Guide] = ()
    log: bool = True
    log_x: bool = False
    cursor: float | None = None
    ascii_only: bool = False

    def render(self, width: int, height: int) -> list[Line]:
        """Return `height` lines of `width` cells; the last is the axis of x, the first cells the axis of y."""
        canvas = _Canvas(self, max(width - LABEL_CELLS - 2, 2), max(height - 1, 1))
        for guide in self.guides:
            canvas.draw_guide(guide)
        for series in self.series:
            canvas.draw_series(series)
        if self.cursor is not None:
            canvas.draw_cursor(self.cursor)
        for marker in self.markers:
            canvas.draw_marker(marker)
        for guide in self.guides:
            canvas.label_guide(guide)
        for marker in reversed(self.markers):
            canvas.write(marker.y, marker.x, marker.label, marker.role)
        return [*canvas.rows_with_axis(), canvas.x_axis()]

    def x_at(self, column: int, width: int) -> float:
        """Return the x at a column of lines of `width` cells."""
        cells = max(width - LABEL_CELLS - 2, 2)
        share = min(max((column - LABEL_CELLS - 2) / (cells - 1), 0.0), 1.0)
        low, high = (_scaled(bound, log=self.log_x) for bound in self.x)
        place = low + share * (high - low)
        return 10.0**place if self.log_x else place


def _scaled(value: float, *, log: bool) -> float:
    return math.log10(value) if log else value


def _share(value: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    return (value - low) / (high - low) if high > low else 0.5


class _Canvas:
    """Braille dots, symbols over them, and a role for each cell."""

    def __init__(self, plot: Plot, width: int, height: int) -> None:
        self.plot, self.width, self.height = plot, width, height
        self.dots = np.zeros((height, width), dtype=np.uint8)
        self.symbols: dict[tuple[int, int], tuple[str, Role]] = {}
        self.roles: dict[tuple[int, int], Role] = {}
        self.x_bounds = (_scaled(plot.x[0], log=plot.log_x), _scaled(plot.x[1], log=plot.log_x))
        self.y_bounds = (_scaled(plot.y[0], log=plot.log), _scaled(plot.y[1], log=plot.log))

    def dot_column(self, x: float) -> float:
        return _share(_scaled(x, log=self.plot.log_x), self.x_bounds) * (2 * self.width - 1)

    def dot_row(self, y: float) -> float:
        return (1 - _share(_scaled(y, log=self.plot.log), self.y_bounds)) * (4 * self.height - 1)

    def row_of(self, y: float) -> int | None:
        row = round(self.dot_row(y)) // 4
        return row if 0 <= row < self.height else None

    def draw_series(self, series: Series) -> None:
        """Set in each column the dots from the lowest to the highest value there, and join the columns."""
        for piece in series.pieces:
            if not piece:
                continue
            columns = np.array([self.dot_column(x) for x, _ in piece])
            rows = np.array([self.dot_row(y) for _, y in piece])
            for column, top, bottom in _extent(columns, rows, 2 * self.width):
                if series.stroke[column % len(series.stroke)]:
                    self._set(column, top, bottom, series.role)
        if series.label and series.pieces and series.pieces[-1]:
            x, y = series.pieces[-1][-1]
            self.write(y, x, series.label, series.role)

    def _set(self, column: int, top: float, bottom: float, role: Role) -> None:
        first, last = max(0, round(top)), min(4 * self.height - 1, round(bottom))
        for row in range(first, last + 1):
            cell = (row // 4, column // 2)
            self.dots[cell] |= DOTS[row % 4, column % 2]
            self.roles[cell] = role

    def draw_guide(self, guide: Guide) -> None:
        row = self.row_of(guide.y)
        stroke = "-" if self.plot.ascii_only else "┄"
        if row is not None:
            self.symbols.update({(row, column): (stroke, Role.MUTED) for column in range(self.width)})

    def label_guide(self, guide: Guide) -> None:
        """Write the label of a guide at its right end, or at its left end if the curve is there."""
        text = f" {guide.label} "
        row = self.row_of(guide.y)
        if row is not None:
            self._put(row, (self.width - cell_len(text), 0), text, Role.MUTED)

    def draw_cursor(self, x: float) -> None:
        column = round(self.dot_column(x)) // 2
        if not 0 <= column < self.width:
            return
        for row in range(self.height):
            if not self.dots[row, column]:
                self.symbols[row, column] = ("|" if self.plot.ascii_only else "│", Role.STRONG)

    def draw_marker(self, marker: Marker) -> None:
        row, column = self.row_of(marker.y), round(self.dot_column(marker.x)) // 2
        if row is not None and 0 <= column < self.width:
            self.dots[row, column] = 0
            self.symbols[row, column] = (marker.symbol, marker.role)

    def write(self, y: float, x: float, text: str, role: Role) -> None:
        """Write text beside a point, to the right or else to the left, where it covers nothing but a guide."""
        row, column = self.row_of(y), round(self.dot_column(x)) // 2
        if row is not None and text:
            self._put(row, (column + 1, column - len(text)), text, role)

    def _put(self, row: int, starts: tuple[int, ...], text: str, role: Role) -> None:
        for start in starts:
            cells = range(start, start + len(text))
            if all(self._is_free(row, cell) for cell in cells):
                self.symbols.update(
                    {(row, cell): (letter, role) for cell, letter in zip(cells, text, strict=True)}
                )
                return

    def _is_free(self, row: int, column: int) -> bool:
        symbol = self.symbols.get((row, column), (" ", Role.TEXT))[0]
        return 0 <= column < self.width and not self.dots[row, column] and symbol in " -┄|│"

    def rows_with_axis(self) -> list[Line]:
        ticks = self._y_ticks()
        return [
            [muted(f"{ticks.get(row, ''):>{LABEL_CELLS}} {self._tick(row in ticks)}"), *self._cells(row)]
            for row in range(self.height)
        ]

    def _tick(self, labeled: bool) -> str:  # noqa: FBT001
        if self.plot.ascii_only:
            return "+" if labeled else "|"
        return "┤" if labeled else "│"

    def _y_ticks(self) -> dict[int, str]:
        ticks = (log_ticks if self.plot.log else linear_ticks)(*self.plot.y, self.height // 2)
        rows: dict[int, float] = {}
        for tick in sorted(ticks, key=roundness):
            row = self.row_of(tick)
            if row is not None and not rows.keys() & {row - 1, row, row + 1}:
                rows[row] = tick
        return {row: tick_label(tick) for row, tick in rows.items()}

    def _cells(self, row: int) -> Line:
        parts: Line = []
        for column in range(self.width):
            symbol, role = self._cell(row, column)
            if parts and parts[-1].role is role:
                parts[-1] = Span(parts[-1].text + symbol, role)
            else:
                parts.append(Span(symbol, role))
        return parts

    def _cell(self, row: int, column: int) -> tuple[str, Role]:
        bits = int(self.dots[row, column])
        if bits:
            symbol = "*" if self.plot.ascii_only else chr(0x2800 + bits)
            return symbol, self.roles[row, column]
        return self.symbols.get((row, column), (" ", Role.TEXT))

    def _x_ticks(self, low: float, high: float) -> list[float]:
        if self.plot.log_x:
            return [tick for tick in log_ticks(low, high, max(self.width // 8, 1)) if roundness(tick) == 0]
        ticks = linear_ticks(low, high, max(self.width // 8, 1))
        return [tick for tick in ticks if tick == round(tick)] if high - low > 2 else ticks

    def x_axis(self) -> Line:
        """Return the axis of x, with as many whole numbers as fit."""
        ticks = self._x_ticks(*self.plot.x)
        stroke, tick_mark = ("-", "+") if self.plot.ascii_only else ("─", "┬")
        cells = [stroke] * self.width
        places = {round(self.dot_column(tick)) // 2: tick for tick in ticks}
        for column, tick in spaced(places, 6):
            text = tick_label(tick)
            room = text if column + len(text) < self.width else ""
            cells[column : column + 1 + len(room)] = [tick_mark, *room]
        corner = "+" if self.plot.ascii_only else "└"
        return [muted(" " * (LABEL_CELLS + 1) + corner + "".join(cells[: self.width]))]


def _extent(
    columns: npt.NDArray[np.float64], rows: npt.NDArray[np.float64], width: int
) -> list[tuple[int, float, float]]:
    """Return (column, top, bottom) of a line through the points, for each column that it crosses."""
    first, last = max(0, math.ceil(columns[0] - 0.5)), min(width - 1, math.floor(columns[-1] + 0.5))
    if last < first:
        return []
    whole = np.arange(first, last + 1)
    through = np.interp(whole, columns, rows)
    top, bottom = through.copy(), through.copy()
    nearest = np.clip(np.round(columns).astype(int), first, last) - first
    inside = (columns >= first - 0.5) & (columns <= last + 0.5)
    np.minimum.at(top, nearest[inside], rows[inside])
    np.maximum.at(bottom, nearest[inside], rows[inside])
    joined_top = [top[0], *np.minimum(top[1:], bottom[:-1] + 1)]
    joined_bottom = [bottom[0], *np.maximum(bottom[1:], top[:-1] - 1)]
    return list(zip(whole.tolist(), joined_top, joined_bottom, strict=True))
