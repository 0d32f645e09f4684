"""Lines of text whose parts have a role; a widget or a console gives each role its colour."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size


class Role(StrEnum):
    """What a piece of text is for. Colour never says what the text itself does not."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    TRAIN = "train"
    VALID = "valid"
    FAILED = "failed"


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    role: Role = Role.TEXT


Line = list[Span]

TWO_COLUMNS = 110
"""From this many cells on a screen has two columns."""


def line(*parts: str | Span) -> Line:
    """Return a line of these parts, plain strings being text."""
    return [part if isinstance(part, Span) else Span(part) for part in parts if part]


def muted(text: str) -> Span:
    """Return text of less weight."""
    return Span(text, Role.MUTED)


def strong(text: str) -> Span:
    """Return text of more weight."""
    return Span(text, Role.STRONG)


def width(parts: Iterable[Span]) -> int:
    """Return how many cells of a terminal the parts take."""
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
