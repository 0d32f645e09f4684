"""Lines of text whose parts have a role; a widget gives each role its color."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size


class Role(StrEnum):
    """The purpose of a piece of text, which sets its color. The text must be clear without it."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    TRAIN = "train"
    VALID = "valid"
    FAILED = "failed"
    HUE_1 = "hue-1"
    HUE_2 = "hue-2"
    HUE_3 = "hue-3"
    HUE_4 = "hue-4"
    HUE_5 = "hue-5"
    HUE_6 = "hue-6"


HUES = (Role.HUE_1, Role.HUE_2, Role.HUE_3, Role.HUE_4, Role.HUE_5, Role.HUE_6)
"""Roles that distinguish many things, each of which has its own symbol as well."""


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    role: Role = Role.TEXT


Line = list[Span]

TWO_COLUMNS = 110
"""Minimum width in cells of a screen with two columns."""


def line(*parts: str | Span) -> Line:
    """Return a line of these parts, plain strings being text."""
    return [part if isinstance(part, Span) else Span(part) for part in parts if part]


def muted(text: str) -> Span:
    """Return dimmed text."""
    return Span(text, Role.MUTED)


def strong(text: str) -> Span:
    """Return emphasized text."""
    return Span(text, Role.STRONG)


def width(parts: Iterable[Span]) -> int:
    """Return the width of the parts in cells of a terminal."""
    return sum(cell_len(span.text) for span in parts)


def fit(parts: Line, cells: int) -> Line:
    """Return the line cut to `cells`, or filled up with spaces."""
    return [*_cut(parts, cells), Span(" " * max(0, cells - width(parts)))]


def _cut(parts: Line, cells: int) -> Iterator[Span]:
    for span in parts:
        length = cell_len(span.text)
        if length >= cells:
            if cells:
                yield Span(set_cell_size(span.text, cells), span.role)
            return
        yield span
        cells -= length


def justify(left: Line, right: Line, cells: int) -> Line:
    """Return `left` and `right` at the two ends of a line, a space between; cut `left` if both do not fit."""
    if not width(right):
        return fit(left, cells)
    right = fit(right, min(width(right), cells))
    room = cells - width(right)
    return [*fit(left, room), *right] if width(left) < room else [*fit([*_cut(left, room - 1)], room), *right]


def plain_text(parts: Line) -> str:
    """Return the line without its roles."""
    return "".join(span.text for span in parts)


def shortened(text: str, cells: int, ellipsis: str) -> str:
    """Return text of at most `cells`, with an ellipsis if it is cut."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(cells - len(ellipsis), 0)) + ellipsis[:cells]


def wrapped(text: str, cells: int) -> list[str]:
    """Return text in rows of at most `cells`, at least one, broken at spaces and within longer words."""
    rows = [""]
    for word in text.split():
        for piece in chop_cells(word, max(cells, 2)):
            row = f"{rows[-1]} {piece}" if rows[-1] else piece
            if cell_len(row) <= cells:
                rows[-1] = row
            else:
                rows.append(piece)
    return rows
