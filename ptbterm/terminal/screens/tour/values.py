"""The blocks of a view as lines: of any words, in any room from 20 cells on."""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len, set_cell_size

from ptbterm.lessons.lesson import Bars, Block, Curve, HeatMap, Table, Text, View, WordMap
from ptbterm.terminal.screens.tour.heat import heat_lines, units_shown, what_is_shown
from ptbterm.terminal.screens.tour.look import Look
from ptbterm.terminal.screens.tour.word_map import map_lines
from ptbterm.terminal.text import plot
from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted, shortened, strong, wrapped

LEAST_ROWS, MAX_ROWS = 8, 18
LEAST_BAR_CELLS, BAR_CELLS = 4, 30
LEAST_COLUMN_CELLS = 3
NAME_CELLS = 7


def view_lines(view: View, look: Look) -> list[Line]:
    """Return all blocks, an empty line between them; curves and maps take the rows that the others leave."""
    blocks, look = _seen(view, look), fitted(view, look)
    fixed = {number: block_lines(block, look) for number, block in enumerate(blocks) if not _stretches(block)}
    rest = replace(look, rows=look.rows - sum(len(lines) + 1 for lines in fixed.values()))
    lines: list[Line] = []
    for number, block in enumerate(blocks):
        lines += [[]] if lines else []
        lines += fixed.get(number) or block_lines(block, rest)
    return lines


def _seen(view: View, look: Look) -> list[Block]:
    return [block for block in view.blocks if not (block.is_answer and look.hides_answers)]


def _maps(view: View, look: Look) -> list[HeatMap]:
    return [block for block in _seen(view, look) if isinstance(block, HeatMap)]


def fitted(view: View, look: Look) -> Look:
    """Return the look with as many lines a row of heat maps as there is room for."""
    maps, blocks = _maps(view, look), _seen(view, look)
    if not maps:
        return look
    others = sum(len(block_lines(block, look)) for block in blocks if not isinstance(block, HeatMap | Curve))
    labels = sum(len(block.labels) for block in maps)
    return replace(look, heat_lines=max(1, (look.rows - others - len(blocks) - len(maps)) // labels))


def units_note(view: View, look: Look) -> str:
    """Return which units the heat maps show, or nothing where they show all."""
    look = fitted(view, look)
    notes = dict.fromkeys(what_is_shown(block, look) for block in _maps(view, look))
    return look.symbols.dot.join(note for note in notes if note)


def _stretches(block: Block) -> bool:
    return isinstance(block, Curve | WordMap)


def page_of_units(view: View, look: Look) -> int:
    """Return how many units the narrowest heat map shows at a time, 0 where all fit."""
    look = fitted(view, look)
    maps = _maps(view, look)
    return min((units_shown(block, look) for block in maps if what_is_shown(block, look)), default=0)


def block_lines(block: Block, look: Look) -> list[Line]:
    """Return one block as lines."""
    match block:
        case Text():
            return _text(block, look)
        case Table():
            return _table(block, look)
        case HeatMap():
            return heat_lines(block, look)
        case Bars():
            return _bars(block, look)
        case Curve():
            return _curve(block, look)
        case WordMap():
            return map_lines(block, look)
    raise TypeError(type(block).__name__)


def _text(block: Text, look: Look) -> list[Line]:
    name = f"{block.name:<{NAME_CELLS}} "
    first, *rest = wrapped(look.symbols.shown(block.text), max(look.cells - len(name), 2))
    return [line(muted(name), first), *(line(" " * len(name), more) for more in rest)]


def _table(block: Table, look: Look) -> list[Line]:
    rows = [[look.symbols.prose(cell) for cell in row] for row in (block.head, *block.rows)]
    head, *others = columns(_narrowed(rows, look), block.right)
    return [line(muted(head)), *(line(row) for row in others)]


def _narrowed(rows: Sequence[Sequence[str]], look: Look) -> list[list[str]]:
    """Return the rows with the widest columns shortened until all fit side by side."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    room = look.cells - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > LEAST_COLUMN_CELLS:
        widths[widths.index(max(widths))] -= 1
    ellipsis = look.symbols.ellipsis
    return [[shortened(cell, cells, ellipsis) for cell, cells in zip(row, widths, strict=True)] for row in rows]


def _bars(block: Bars, look: Look) -> list[Line]:
    labels = [look.symbols.prose(bar.label) for bar in block.bars]
    figure_cells = max(len(bar.figure) for bar in block.bars)
    room = look.cells - figure_cells - 4
    label_cells = max(min(max(map(cell_len, labels)), room - LEAST_BAR_CELLS), 1)
    bar_cells = max(min(room - label_cells, BAR_CELLS), 1)
    rows = [
        line(
            set_cell_size(shortened(label, label_cells, look.symbols.ellipsis), label_cells),
            Span(f"  {look.symbols.bar_of(bar.share, bar_cells):<{bar_cells}}", Role.TRAIN),
            f"  {bar.figure:>{figure_cells}}",
        )
        for label, bar in zip(labels, block.bars, strict=True)
    ]
    return [
        *(line(strong(title)) for title in wrapped(look.symbols.prose(block.title), look.cells) if title),
        *rows,
    ]


def _curve(block: Curve, look: Look) -> list[Line]:
    heights = [y for _, y in block.points] + [level for level, _ in block.levels]
    if not block.points:
        return [line(muted("nothing yet"))]
    title = wrapped(look.symbols.prose(block.title), look.cells)
    picture = plot.Plot(
        x=(0.0, block.end),
        y=(min(heights) * 0.95, max(heights) * 1.05),
        series=(plot.Series([block.points]),),
        guides=tuple(plot.Guide(level, name) for level, name in block.levels),
        ascii_only=look.symbols.ascii_only,
    )
    rows = min(max(look.rows - len(title), LEAST_ROWS), MAX_ROWS)
    return [*(line(muted(row)) for row in title), *picture.lines(look.cells, rows)]
