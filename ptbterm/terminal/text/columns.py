"""Tables: cells aligned in columns, on a screen or on a printed page."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from ptbterm.terminal.text.lines import Line, Span, plain_text, width

Cell = str | Span


def aligned(
    rows: Sequence[Sequence[Cell]], right: int, *, gap: int = 2, minimum: Sequence[int] = ()
) -> list[Line]:
    """Return the rows with their cells aligned, those from column `right` on to the right, `gap` cells apart.

    Columns are as wide as their widest cell, and at least `minimum`: a table that grows keeps its places. All rows
    have the same number of cells.
    """
    spans = [[cell if isinstance(cell, Span) else Span(cell) for cell in row] for row in rows]
    needed = [max(width([span]) for span in column) for column in zip(*spans, strict=True)]
    widths = [max(pair) for pair in zip_longest(needed, minimum[: len(needed)], fillvalue=0)]
    return [list(_padded(row, widths, right, gap)) for row in spans]


def _padded(row: Sequence[Span], widths: Sequence[int], right: int, gap: int) -> Iterator[Span]:
    for number, (span, cells) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (cells - width([span]))
        text = padding + span.text if number >= right else span.text + padding
        yield Span(text + " " * gap if number < len(row) - 1 else text, span.role)


def columns(rows: Sequence[Sequence[str]], right: int) -> list[str]:
    """Return the rows as `aligned` does, as plain text."""
    return [plain_text(row).rstrip() for row in aligned(rows, right)]
