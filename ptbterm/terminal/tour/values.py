"""The blocks of a view as lines."""

import textwrap
from dataclasses import replace

from rich.cells import cell_len, set_cell_size

from ptbterm.lessons.lesson import Bars, Block, Curve, HeatMap, Table, Text, View, WordMap
from ptbterm.terminal import plot
from ptbterm.terminal.lines import Line, Role, Span, line, muted, strong
from ptbterm.terminal.run_tables import columns
from ptbterm.terminal.tour.heat import heat_lines, units_shown, what_is_shown
from ptbterm.terminal.tour.look import Look
from ptbterm.terminal.tour.word_map import map_lines

LEAST_ROWS, MOST_ROWS = 8, 18
BAR_CELLS = 30
NAME_CELLS = 7


def view_lines(view: View, look: Look) -> list[Line]:
    """Return all blocks, an empty line between them; curves and maps take the rows that the others leave."""
    blocks = [block for block in view.blocks if not (block.is_answer and look.hides_answers)]
    look = fitted(view, look)
    fixed = {number: block_lines(block, look) for number, block in enumerate(blocks) if not _stretches(block)}
    rest = replace(look, rows=look.rows - sum(len(lines) + 1 for lines in fixed.values()))
    lines: list[Line] = []
    for number, block in enumerate(blocks):
        lines += [[]] if lines else []
        lines += fixed.get(number) or block_lines(block, rest)
    return lines


def fitted(view: View, look: Look) -> Look:
    """Return the look with as many lines a row of heat maps as there is room for."""
    maps = [block for block in view.blocks if isinstance(block, HeatMap)]
    if not maps:
        return look
    others = sum(len(block_lines(block, look)) for block in view.blocks if not isinstance(block, HeatMap | Curve))
    labels = sum(len(block.labels) for block in maps)
    return replace(look, heat_lines=max(1, (look.rows - others - len(view.blocks) - len(maps)) // labels))


def units_note(view: View, look: Look) -> str:
    """Return which units the heat maps show, or nothing where they show all."""
    look = fitted(view, look)
    notes = dict.fromkeys(what_is_shown(block, look) for block in view.blocks if isinstance(block, HeatMap))
    return look.symbols.dot.join(note for note in notes if note)


def _stretches(block: Block) -> bool:
    return isinstance(block, Curve | WordMap)


def page_of_units(view: View, look: Look) -> int:
    """Return how many units the narrowest heat map shows at a time, 0 where all fit."""
    look = fitted(view, look)
    maps = [block for block in view.blocks if isinstance(block, HeatMap)]
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
    shown = look.symbols.shown(block.text)
    first, *rest = textwrap.wrap(shown, max(look.cells - len(name), 8)) or [""]
    return [line(muted(name), first), *(line(" " * len(name), more) for more in rest)]


def _table(block: Table, look: Look) -> list[Line]:
    rows = [[look.symbols.shown(cell) for cell in row] for row in (block.head, *block.rows)]
    head, *others = columns(rows, block.right)
    return [line(muted(head)), *(line(row) for row in others)]


def _bars(block: Bars, look: Look) -> list[Line]:
    labels = [look.symbols.shown(bar.label) for bar in block.bars]
    label_cells = max(map(cell_len, labels))
    figure_cells = max(len(bar.figure) for bar in block.bars)
    room = min(look.cells - label_cells - figure_cells - 4, BAR_CELLS)
    rows = [
        line(
            f"{set_cell_size(label, label_cells)}  ",
            Span(f"{look.symbols.bar_of(bar.share, room):<{room}}", Role.TRAIN),
            f"  {bar.figure:>{figure_cells}}",
        )
        for label, bar in zip(labels, block.bars, strict=True)
    ]
    return [*([line(strong(block.title))] if block.title else []), *rows]


def _curve(block: Curve, look: Look) -> list[Line]:
    heights = [y for _, y in block.points] + [level for level, _ in block.levels]
    if not block.points:
        return [line(muted("nothing yet"))]
    picture = plot.Plot(
        x=(0.0, block.end),
        y=(min(heights) * 0.95, max(heights) * 1.05),
        curves=(plot.Curve([block.points]),),
        guides=tuple(plot.Guide(level, name) for level, name in block.levels),
        ascii_only=look.symbols.ascii_only,
    )
    return [line(muted(block.title)), *picture.lines(look.cells, min(max(look.rows - 1, LEAST_ROWS), MOST_ROWS))]
