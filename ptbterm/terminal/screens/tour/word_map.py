"""Words at their places in a plane, as text, in order of priority; no two overlap."""

from rich.cells import cell_len

from ptbterm.lessons.lesson import WordScatter
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.text.lines import Line, line

MIN_ROWS = 8


def map_lines(block: WordScatter, options: RenderOptions) -> list[Line]:
    """Return rows of words; a word is omitted if its place is taken."""
    rows = max(MIN_ROWS, options.rows)
    xs = [x for _, x, _ in block.words]
    ys = [y for _, _, y in block.words]
    canvas = [[" "] * options.cells for _ in range(rows)]
    for word, x, y in block.words:
        shown = options.symbols.shown(word)
        row = round(_share(y, ys) * (rows - 1))
        cells = cell_len(shown)
        column = round(_share(x, xs) * (options.cells - cells))
        around = canvas[row][max(column - 1, 0) : column + cells + 1]
        if cells <= options.cells and set(around) == {" "}:
            canvas[row][column : column + cells] = [shown, *[""] * (cells - 1)]
    return [line("".join(row).rstrip()) for row in canvas]


def _share(value: float, values: list[float]) -> float:
    low, high = min(values), max(values)
    return (value - low) / (high - low) if high > low else 0.5
