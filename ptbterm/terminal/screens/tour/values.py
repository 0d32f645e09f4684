"""The blocks of a frame as lines, for any width from 20 cells on."""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len, set_cell_size

from ptbterm.lessons.lesson import Bars, Block, Curve, Frame, HeatMap, Table, Text, WordScatter
from ptbterm.terminal.screens.tour.heat import heat_lines, shown_columns, units_shown
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.word_map import map_lines
from ptbterm.terminal.text import plot
from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted, shortened, strong, wrapped

MIN_ROWS, MAX_ROWS = 8, 18
MIN_BAR_CELLS, BAR_CELLS = 4, 30
MIN_COLUMN_CELLS = 3
NAME_CELLS = 7


def frame_lines(frame: Frame, options: RenderOptions) -> list[Line]:
    """Return all blocks, with empty lines between them; curves and word scatters take the remaining rows."""
    blocks, options = _seen(frame, options), fitted(frame, options)
    fixed = {number: block_lines(block, options) for number, block in enumerate(blocks) if not _stretches(block)}
    rest = replace(options, rows=options.rows - sum(len(lines) + 1 for lines in fixed.values()))
    lines: list[Line] = []
    for number, block in enumerate(blocks):
        lines += [[]] if lines else []
        lines += fixed.get(number) or block_lines(block, rest)
    return lines


def _seen(frame: Frame, options: RenderOptions) -> list[Block]:
    return [block for block in frame.blocks if not (block.is_answer and options.hides_answers)]


def _maps(frame: Frame, options: RenderOptions) -> list[HeatMap]:
    return [block for block in _seen(frame, options) if isinstance(block, HeatMap)]


def fitted(frame: Frame, options: RenderOptions) -> RenderOptions:
    """Return the options with as many lines for each row of the heat maps as fit."""
    maps, blocks = _maps(frame, options), _seen(frame, options)
    if not maps:
        return options
    fixed_rows = sum(
        len(block_lines(block, options)) for block in blocks if not isinstance(block, HeatMap | Curve)
    )
    labels = sum(len(block.labels) for block in maps)
    return replace(options, heat_lines=max(1, (options.rows - fixed_rows - len(blocks) - len(maps)) // labels))


def units_note(frame: Frame, options: RenderOptions) -> str:
    """Return which units the heat maps show; empty if they show all."""
    options = fitted(frame, options)
    notes = dict.fromkeys(shown_columns(block, options) for block in _maps(frame, options))
    return options.symbols.dot.join(note for note in notes if note)


def _stretches(block: Block) -> bool:
    return isinstance(block, Curve | WordScatter)


def units_per_page(frame: Frame, options: RenderOptions) -> int:
    """Return how many units the narrowest heat map shows at a time; 0 if all fit."""
    options = fitted(frame, options)
    maps = _maps(frame, options)
    return min((units_shown(block, options) for block in maps if shown_columns(block, options)), default=0)


def block_lines(block: Block, options: RenderOptions) -> list[Line]:
    """Return one block as lines."""
    match block:
        case Text():
            return _text(block, options)
        case Table():
            return _table(block, options)
        case HeatMap():
            return heat_lines(block, options)
        case Bars():
            return _bars(block, options)
        case Curve():
            return _curve(block, options)
        case WordScatter():
            return map_lines(block, options)
    raise TypeError(type(block).__name__)


def _text(block: Text, options: RenderOptions) -> list[Line]:
    name = f"{block.name:<{NAME_CELLS}} "
    first, *rest = wrapped(options.symbols.shown(block.text), max(options.cells - len(name), 2))
    return [line(muted(name), first), *(line(" " * len(name), more) for more in rest)]


def _table(block: Table, options: RenderOptions) -> list[Line]:
    rows = [[options.symbols.prose(cell) for cell in row] for row in (block.head, *block.rows)]
    head, *body = columns(_narrowed(rows, options), block.right)
    return [line(muted(head)), *(line(row) for row in body)]


def _narrowed(rows: Sequence[Sequence[str]], options: RenderOptions) -> list[list[str]]:
    """Return the rows with the widest columns shortened until all fit side by side."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    room = options.cells - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > MIN_COLUMN_CELLS:
        widths[widths.index(max(widths))] -= 1
    ellipsis = options.symbols.ellipsis
    return [[shortened(cell, cells, ellipsis) for cell, cells in zip(row, widths, strict=True)] for row in rows]


def _bars(block: Bars, options: RenderOptions) -> list[Line]:
    labels = [options.symbols.prose(bar.label) for bar in block.bars]
    figure_cells = max(len(bar.figure) for bar in block.bars)
    room = options.cells - figure_cells - 4
    label_cells = max(min(max(map(cell_len, labels)), room - MIN_BAR_CELLS), 1)
    bar_cells = max(min(room - label_cells, BAR_CELLS), 1)
    rows = [
        line(
            set_cell_size(shortened(label, label_cells, options.symbols.ellipsis), label_cells),
            Span(f"  {options.symbols.bar_of(bar.share, bar_cells):<{bar_cells}}", Role.TRAIN),
            f"  {bar.figure:>{figure_cells}}",
        )
        for label, bar in zip(labels, block.bars, strict=True)
    ]
    return [
        *(line(strong(title)) for title in wrapped(options.symbols.prose(block.title), options.cells) if title),
        *rows,
    ]


def _curve(block: Curve, options: RenderOptions) -> list[Line]:
    heights = [y for _, y in block.points] + [level for level, _ in block.levels]
    if not block.points:
        return [line(muted("no values yet"))]
    title = wrapped(options.symbols.prose(block.title), options.cells)
    picture = plot.Plot(
        x=(0.0, block.end),
        y=(min(heights) * 0.95, max(heights) * 1.05),
        series=(plot.Series([block.points]),),
        guides=tuple(plot.Guide(level, name) for level, name in block.levels),
        ascii_only=options.symbols.ascii_only,
    )
    rows = min(max(options.rows - len(title), MIN_ROWS), MAX_ROWS)
    return [*(line(muted(row)) for row in title), *picture.render(options.cells, rows)]
