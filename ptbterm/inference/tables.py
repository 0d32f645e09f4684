"""Rows of a table, as files hold them: separated by tabs, commas or semicolons, or in JSON."""

import csv
import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from ptbterm.corpus.text_lines import MAX_LINE_BYTES
from ptbterm.errors import PtbtermError
from ptbterm.inference.json_tables import json_records

SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons"}
_SAMPLED_LINES = 50
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The first line of a table for Excel, which names the separator."""
_QUOTED = re.compile(r'"((?:[^"]|"")*)"', re.DOTALL)
_BY_NUMBER = " If its first line is a row, give the numbers of columns instead, from 1."
csv.field_size_limit(MAX_LINE_BYTES)

NumberedLine = tuple[int, str]
"""A line's number, from 1, and its text."""


@dataclass(frozen=True)
class Row:
    """A row: its number among the rows below the header, from 1, the line where it starts, and its cells.

    In nested JSON the line is 0. A cell is None if a JSON object lacks the key.
    """

    number: int
    line: int
    cells: Sequence[str | None]

    @property
    def where(self) -> str:
        """The row's place in messages."""
        return f"line {self.line}" if self.line else f"row {self.number}"


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows; `name` is that of the file, `line` that of the header.

    The header of JSON is the keys of the first object, and its line is 0. Without a header the names are numbers.
    """

    name: str
    header: Sequence[str]
    rows: Iterator[Row]
    line: int = 0
    has_header: bool = True

    def say_without_header(self, say: Callable[[str], None]) -> None:
        """Say it if the table is read without a header."""
        if not self.has_header:
            say(
                f"{self.name} is read without a header, as columns are given by number: line {self.line} is a row."
            )

    def has(self, column: str) -> bool:
        """Return whether `place` finds a column, once or more often."""
        return bool(self._places(column))

    def place(self, column: str) -> int:
        """Return the place of a column, from 0; in nested JSON the last part of its name is enough.

        Raises `PtbtermError` if the table lacks it, or has it twice.
        """
        places = self._places(column)
        if len(places) == 1:
            return places[0]
        if places:
            names = list(dict.fromkeys(self.header[place] for place in places))
            if len(names) == 1:
                message = f"{self.name} has {len(places)} columns named {names[0]!r}."
                raise PtbtermError(message, "Give each column its own name.")
            message = f"{self.name} has {len(places)} columns that end in {column!r}."
            raise PtbtermError(message, f"Use the whole name of one of them: {', '.join(names)}.")
        near = difflib.get_close_matches(column, self.header, n=1)
        suggestion = f"Did you mean {near[0]}? " if near else ""
        where = "" if self.line else " in its first row"
        raise PtbtermError(
            f"{self.name} has no column {column!r}{where}.",
            f"{suggestion}Its columns are: {', '.join(self.header)}.{_BY_NUMBER if self.line else ''}"
            if self.header
            else "It has no columns.",
        )

    def _places(self, column: str) -> list[int]:
        places = [place for place, name in enumerate(self.header) if name == column]
        return places or [place for place, name in enumerate(self.header) if name.endswith(f".{column}")]

    def cells(self, row: Row, places: Sequence[int]) -> tuple[str, ...]:
        """Return some cells of a row; raises `PtbtermError` naming the row if it lacks one."""
        cells = []
        for place in places:
            if (cell := row.cells[place]) is None:
                raise PtbtermError(
                    f"{self.name}, {row.where} has no {self.header[place]!r}.",
                    "Give each object the same keys; null is an empty cell.",
                )
            cells.append(cell)
        return tuple(cells)


def read_table(
    lines: Iterator[NumberedLine],
    name: str,
    texts: Sequence[str],
    others: Sequence[str] = (),
    separator: str = "",
    *,
    may_lack_header: bool = False,
) -> Table | None:
    """Return a table of which columns `texts`, with sentences, and `others` are wanted; None for an empty text.

    Without a `separator`, JSON is recognized by its first character. Else the separator is the one that finds most
    of the columns in the header, or if none is found, that gives all rows the same number of cells. If the columns
    are numbers, of which the first line lacks one, there is no header. Raises `PtbtermError` naming the line for
    damaged rows.
    """
    first = next((line for line in lines if line[1].strip()), None)
    if first is None:
        return None
    if not separator and first[1].lstrip()[:1] in {"{", "["}:
        return _json_table(chain([first], lines), name, texts)
    if named := _SEPARATOR_LINE.fullmatch(first[1].strip("\r\n")):
        separator = named[1]
    else:
        lines = chain([first], lines)
    wanted = (*texts, *others)
    by_number = all(column.isdecimal() for column in wanted)
    sample = list(islice(lines, _SAMPLED_LINES if by_number or may_lack_header else 1))
    separator = separator or _separator_in(
        [text for _, text in sample], wanted, name, must_be_clear=by_number or may_lack_header
    )
    rows = _separated(chain(sample, lines), name, separator)
    line, cells = next(rows, (1, []))
    header = [cell.strip() for cell in cells]
    lacks_header = by_number and not set(wanted) <= set(header)
    if lacks_header:
        rows, header = chain([(line, cells)], rows), [str(number) for number in range(1, len(cells) + 1)]
    return Table(name, header, _checked(rows, name, len(header)), line, has_header=not lacks_header)


def _json_table(lines: Iterator[NumberedLine], name: str, texts: Sequence[str]) -> Table:
    records = json_records(lines, name, texts)
    first = next(records, None)
    if first is None:
        raise PtbtermError(f"{name} has no JSON objects.", "Each row is an object, with the columns as its keys.")
    header = list(first[1])
    rows = (
        Row(number, line, [record.get(column) for column in header])
        for number, (line, record) in enumerate(chain([first], records), 1)
    )
    return Table(name, header, rows)


def _separator_in(sample: Sequence[str], wanted: Sequence[str], name: str, *, must_be_clear: bool) -> str:
    headers = {separator: _cells_of(sample[:1], separator)[0] for separator in SEPARATORS}
    found = {separator: len(set(wanted) & set(cells)) for separator, cells in headers.items()}
    best = max(SEPARATORS, key=lambda separator: (found[separator], len(headers[separator])))
    if found[best] or not must_be_clear:
        return best
    regular = [separator for separator in SEPARATORS if _is_regular(_cells_of(sample, separator))]
    if len(regular) > 1 and "\t" not in regular:
        names = " or ".join(SEPARATORS[separator] for separator in regular)
        raise PtbtermError(
            f"The cells of {name} may be separated by {names}.", f"Add a first line that says which: sep={best}"
        )
    return regular[0] if regular else best


def _cells_of(lines: Sequence[str], separator: str) -> list[list[str]]:
    if separator == "\t":
        return [[_unquoted(cell).strip() for cell in line.rstrip("\r\n").split("\t")] for line in lines]
    try:
        return [[cell.strip() for cell in cells] for cells in csv.reader(lines, delimiter=separator)] or [[]]
    except csv.Error:
        return [[]]


def _is_regular(rows: Sequence[Sequence[str]]) -> bool:
    widths = {len(cells) for cells in rows if any(cells)}
    return len(widths) == 1 and widths != {1}


def _checked(rows: Iterator[tuple[int, list[str]]], name: str, width: int) -> Iterator[Row]:
    for number, (line, cells) in enumerate(rows, 1):
        if len(cells) != width:
            raise PtbtermError(
                f"{name}, line {line}: the number of cells is {len(cells)}, but {width} in the first line.",
                "Cells are separated by tabs in .tsv files, elsewhere by the sign that separates the header.",
            )
        yield Row(number, line, cells)


def _separated(lines: Iterator[NumberedLine], name: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    if separator == "\t":
        return _by_tabs(lines, name)
    return _by_csv(lines, name, separator)


def _by_csv(lines: Iterator[NumberedLine], name: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    number = start = 0

    def texts() -> Iterator[str]:
        nonlocal number, start
        for number, line in lines:
            start = start or number
            yield line

    try:
        for cells in csv.reader(texts(), delimiter=separator, strict=True):
            if cells:
                yield start, cells
            start = 0
    except csv.Error as error:
        raise PtbtermError(f"{name} is not a CSV table: line {number}: {error}.") from error


def _by_tabs(lines: Iterator[NumberedLine], name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells between tabs; a quote that doesn't enclose a cell is part of the text.

    A row whose last cell begins with a quote that is not closed continues in the next line if it is too short
    without that, or if that line is too short for a row.
    """
    width, rows = 0, _Lookahead(lines)
    for number, first in rows:
        if not first.strip():
            continue
        line = first
        text = line.rstrip("\r\n")
        while _is_open(text) and (_width(text) < width or 0 < _width(rows.next_line) < width):
            following = next(rows, None)
            if following is None:
                raise PtbtermError(f"{name} has a cell in line {number} whose quotation mark is not closed.")
            line += following[1]
            text = line.rstrip("\r\n")
        cells = [_unquoted(cell) for cell in text.split("\t")]
        width = width or len(cells)
        yield number, cells


class _Lookahead(Iterator[NumberedLine]):
    """Lines, and the text of the one that follows: empty after the last."""

    def __init__(self, lines: Iterator[NumberedLine]) -> None:
        self._lines = lines
        self._next = next(lines, None)

    @property
    def next_line(self) -> str:
        return self._next[1] if self._next else ""

    def __next__(self) -> NumberedLine:
        if self._next is None:
            raise StopIteration
        line, self._next = self._next, next(self._lines, None)
        return line


def _width(line: str) -> int:
    return line.count("\t") + 1 if line.strip() else 0


def _is_open(text: str) -> bool:
    last = text.rpartition("\t")[2]
    return last.startswith('"') and last.count('"') % 2 == 1


def _unquoted(cell: str) -> str:
    """Return the content of a quoted cell; a quote only at its start or only at its end is part of the text."""
    match = _QUOTED.fullmatch(cell)
    return match[1].replace('""', '"') if match else cell
