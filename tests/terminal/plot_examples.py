"""Plots as text, for tests."""

from textwrap import dedent

from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.plot import DOTS, LABEL_CELLS, Plot, Series, Stroke

AXIS_CELLS = LABEL_CELLS + 2
FALLING = Plot(x=(0, 1), y=(10, 1000), series=[Series([[(0, 1000), (1, 10)]])])
TWO_PIECES = Plot(x=(0, 2), y=(10, 1000), series=[Series([[(0, 1000), (0.7, 150)], [(1.2, 60), (2, 20)]])])
STROKES = {
    "solid": Stroke.SOLID,
    "dashed": Stroke.DASHED,
    "dotted": Stroke.DOTTED,
    "dash-dot": Stroke.DASH_DOT,
}


def rows_of(plot: Plot, cells: int, rows: int) -> list[str]:
    return [plain_text(line) for line in plot.render(cells, rows)]


def picture(plot: Plot, cells: int, rows: int) -> str:
    return dedent("\n".join(row.rstrip() for row in rows_of(plot, cells, rows)))


def dots(plot: Plot, cells: int, rows: int) -> set[tuple[int, int]]:
    """Return (row, column) of each braille dot of the picture, from its upper left corner."""
    return {
        (4 * row + dot_row, 2 * column + dot_column)
        for row, text in enumerate(rows_of(plot, cells, rows)[:-1])
        for column, letter in enumerate(text[AXIS_CELLS:])
        for dot_row in range(4)
        for dot_column in range(2)
        if 0x2800 < ord(letter) <= 0x28FF and ord(letter) & int(DOTS[dot_row, dot_column])
    }
