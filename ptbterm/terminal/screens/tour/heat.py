"""Heat maps: a shade for each number, with the scale, and statistics beside it where they fit."""

import math

from rich.cells import cell_len, set_cell_size

from ptbterm.lessons.lesson import HeatMap, Matrix
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted, shortened

FIGURES = ("mean", "min", "max")
MIN_SHADES = 6
"""With less room than this for the shades, the statistics are omitted."""


def heat_lines(block: HeatMap, options: RenderOptions) -> list[Line]:
    """Return the title with the scale, and for each label one row or more."""
    label_cells, room = _label_cells(block, options), _room(block, options)
    first, end = _first(block, options), _first(block, options) + units_shown(block, options)
    lines = _heading(block, options)
    for label, values in zip(_labels(block, options), block.values, strict=True):
        shades = _shades(block, values[first:end], options)
        pieces = [shades[start : start + room] for start in range(0, len(shades), room)]
        named = set_cell_size(shortened(label, label_cells, options.symbols.ellipsis), label_cells)
        lines.append(line(f"{named} ", Span(f"{pieces[0]:<{room}}", Role.TRAIN), _figures(block, values, options)))
        lines += [line(" " * (label_cells + 1), Span(piece, Role.TRAIN)) for piece in pieces[1:]]
    return lines


def _heading(block: HeatMap, options: RenderOptions) -> list[Line]:
    """Return the title, the scale and the names of the figures, in two lines if they do not fit one."""
    scale = f"{_figure(block, block.low)} {options.symbols.heat} {_figure(block, block.high)}"
    title, room = f"{block.title:<{_label_cells(block, options)}} ", _room(block, options)
    names = "".join(f" {name:>{_figure_cells(block)}}" for name in FIGURES) if _has_figures(block, options) else ""
    if len(scale) <= room:
        return [line(title, muted(f"{scale:<{room}}{names}"))]
    if len(title) + len(scale) > options.cells:
        return [line(title), line(muted(scale))]
    return [line(title, muted(scale)), *([line(muted(" " * (len(title) + room) + names))] if names else [])]


def units_shown(block: HeatMap, options: RenderOptions) -> int:
    """Return how many columns of the map fit."""
    return min(_columns(block), _room(block, options) * options.heat_lines)


def _room(block: HeatMap, options: RenderOptions) -> int:
    """Return how many shades fit in a line."""
    figures = _cells_of_figures(block) if _has_figures(block, options) else 0
    return max(1, min(_columns(block), options.cells - _label_cells(block, options) - 1 - figures))


def _has_figures(block: HeatMap, options: RenderOptions) -> bool:
    needed = _label_cells(block, options) + 1 + min(MIN_SHADES, _columns(block)) + _cells_of_figures(block)
    return block.figures and needed <= options.cells


def _cells_of_figures(block: HeatMap) -> int:
    return len(FIGURES) * (_figure_cells(block) + 1)


def _labels(block: HeatMap, options: RenderOptions) -> list[str]:
    return [options.symbols.shown(label) for label in block.labels]


def _label_cells(block: HeatMap, options: RenderOptions) -> int:
    return min(max(map(cell_len, (*_labels(block, options), block.title))), options.cells // 2)


def shown_columns(block: HeatMap, options: RenderOptions) -> str:
    """Return which columns the map shows; empty if it shows all."""
    first, room, columns = _first(block, options), units_shown(block, options), _columns(block)
    return f"{block.columns} {first + 1}-{first + room} of {columns}" if room < columns else ""


def _first(block: HeatMap, options: RenderOptions) -> int:
    return min(options.first_unit, _columns(block) - units_shown(block, options))


def _columns(block: HeatMap) -> int:
    return len(block.values[0])


def _shades(block: HeatMap, values: Matrix, options: RenderOptions) -> str:
    signs = options.symbols.heat
    shares = (values - block.low) / max(block.high - block.low, 1e-12)
    return "".join(signs[min(int(share * len(signs)), len(signs) - 1)] for share in shares.clip(0, 1))


def _figures(block: HeatMap, values: Matrix, options: RenderOptions) -> str:
    if not _has_figures(block, options):
        return ""
    cells, figures = _figure_cells(block), (values.mean(), values.min(), values.max())
    return "".join(f" {_figure(block, float(value)):>{cells}}" for value in figures)


def _figure_cells(block: HeatMap) -> int:
    return max(4, *(len(_figure(block, value)) for value in (block.low, block.high)))


def _figure(block: HeatMap, value: float) -> str:
    """Return a number to two digits of the scale's range, without the 0 before the point."""
    spread = max(block.high - block.low, 1e-12)
    decimals = min(max(math.ceil(1 - math.log10(spread)), 1), 4)
    shown = f"{value:.{decimals}f}"
    whole, point, digits = shown.partition(".")
    if not whole.strip("-0"):
        whole = whole.replace("0", "") if digits.strip("0") else ""
    return f"{whole}{point}{digits}"
