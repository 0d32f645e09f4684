"""Rows of a table, as files hold them: separated by tabs, commas or semicolons, JSON lines, or nested JSON."""

import csv
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ptbterm.errors import PtbtermError

SEPARATORS = "\t,;"
MAX_JSON_BYTES = 2**28
_QUOTED = re.compile(r'"((?:[^"]|"")*)"', re.DOTALL)

NumberedLine = tuple[int, str]
"""A line's number, from 1, and its text."""


@dataclass(frozen=True)
class Row:
    """A row: its number among the rows below the header, from 1, the line where it starts, and its cells."""

    number: int
    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows; `name` is that of the file."""

    name: str
    header: Sequence[str]
    rows: Iterator[Row]

    def place(self, column: str) -> int:
        """Return the place of a column, from 0; in nested JSON the last part of its name is enough.

        Raises `PtbtermError` if the table lacks it, or has it twice.
        """
        places = [place for place, name in enumerate(self.header) if name == column]
        places = places or [place for place, name in enumerate(self.header) if name.endswith(f".{column}")]
        if len(places) == 1:
            return places[0]
        if places:
            names = ", ".join(dict.fromkeys(self.header[place] for place in places))
            raise PtbtermError(
                f"{self.name} has {len(places)} columns {column!r}: {names}.", "Give each column its own name."
            )
        near = difflib.get_close_matches(column, self.header, n=1)
        suggestion = f"Did you mean {near[0]}? " if near else ""
        raise PtbtermError(
            f"{self.name} has no column {column!r}.", f"{suggestion}Its columns are: {', '.join(self.header)}."
        )


def read_table(
    lines: Iterator[NumberedLine], name: str, wanted: Sequence[str], separator: str = ""
) -> Table | None:
    """Return a table whose columns `wanted` will be asked for; None for an empty text.

    Without a `separator`, JSON is recognized by its first character, and the separator is the one that finds most
    of the wanted columns in the header. Raises `PtbtermError` naming the line for damaged rows.
    """
    first = next((line for line in lines if line[1].strip()), None)
    if first is None:
        return None
    lines = chain([first], lines)
    if not separator and first[1].lstrip()[:1] in {"{", "["}:
        return _json_table(lines, name, wanted)
    rows = _separated(lines, name, separator or _separator_in(first[1], wanted))
    _, header = next(rows)
    return Table(name, [cell.strip() for cell in header], _checked(rows, name, len(header)))


def _separator_in(header: str, wanted: Sequence[str]) -> str:
    def found(separator: str) -> tuple[int, int]:
        cells = next(csv.reader([header], delimiter=separator), [])
        return len(set(wanted) & {cell.strip() for cell in cells}), len(cells) if separator != ";" else 0

    return max(SEPARATORS, key=found)


def _checked(rows: Iterator[tuple[int, list[str]]], name: str, width: int) -> Iterator[Row]:
    for number, (line, cells) in enumerate(rows, 1):
        if len(cells) != width:
            raise PtbtermError(
                f"{name} has {len(cells)} cells in line {line}, but {width} in its first line.",
                "Cells are separated by tabs in .tsv files, elsewhere by the sign that separates the header.",
            )
        yield Row(number, line, cells)


def _separated(lines: Iterator[NumberedLine], name: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    if separator == "\t":
        return _by_tabs(lines, name)
    return _by_csv(lines, name, separator)


def _by_csv(lines: Iterator[NumberedLine], name: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    number = 0

    def texts() -> Iterator[str]:
        nonlocal number
        for number, line in lines:  # noqa: B007
            yield line

    try:
        start = 1
        for cells in csv.reader(texts(), delimiter=separator, strict=True):
            if cells:
                yield start, cells
            start = number + 1
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


def _json_table(lines: Iterator[NumberedLine], name: str, wanted: Sequence[str]) -> Table | None:
    number, text = next(lines)
    try:
        first = json.loads(text)
    except (ValueError, RecursionError):
        return _json_rows(iter([(number, _whole_json(text, lines, name))]), name, wanted)
    rest = ((line, _parsed(row, line, name)) for line, row in lines if row.strip())
    return _json_rows(chain([(number, first)], rest), name, wanted)


def _whole_json(start: str, lines: Iterator[NumberedLine], name: str) -> Any:
    parts, size = [start], len(start)
    for _, line in lines:
        parts.append(line)
        size += len(line)
        if size > MAX_JSON_BYTES:
            raise PtbtermError(f"{name} is JSON of more than {MAX_JSON_BYTES:,} bytes.", "Use JSON lines.")
    return _parsed("".join(parts), 1, name)


def _parsed(text: str, line: int, name: str) -> Any:
    try:
        return json.loads(text.rstrip())
    except json.JSONDecodeError as error:
        raise PtbtermError(f"{name} is not valid JSON: line {line + error.lineno - 1}: {error.msg}.") from error
    except RecursionError as error:
        raise PtbtermError(f"{name} is not valid JSON: it is nested too deeply.") from error


def _json_rows(values: Iterator[tuple[int, Any]], name: str, wanted: Sequence[str]) -> Table | None:
    """Return the objects of a JSON text as rows, each with the values of the objects around it.

    The lists that are followed are those that lead to the first wanted column.
    """
    first = next(values, None)
    if first is None:
        return None
    path = _path_to(first[1], wanted[0] if wanted else "")
    records = ((line, record) for line, value in chain([first], values) for record in _records(value, path, ""))
    start = next(records, None)
    if start is None:
        raise PtbtermError(f"{name} has no JSON objects.", "Each row is an object, with the columns as its keys.")
    header = list(start[1])
    rows = (
        Row(number, line, [record.get(column, "") for column in header])
        for number, (line, record) in enumerate(chain([start], records), 1)
    )
    return Table(name, header, rows)


def _path_to(value: Any, wanted: str) -> list[str]:
    """Return the keys that lead to a column, named whole or by its last part; empty if it is not found."""
    paths = [path for path in _paths(value, []) if ".".join(path) == wanted or path[-1] == wanted]
    return paths[0] if paths else []


def _paths(value: Any, before: list[str]) -> Iterator[list[str]]:
    if isinstance(value, list):
        for item in value[:1]:
            yield from _paths(item, before)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict | list):
                yield from _paths(item, [*before, key])
            else:
                yield [*before, key]


def _records(value: Any, path: Sequence[str], prefix: str) -> Iterator[dict[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _records(item, path, prefix)
        return
    if not isinstance(value, Mapping):
        return
    own = {f"{prefix}{key}": _text(item) for key, item in value.items() if not isinstance(item, dict | list)}
    if len(path) < 2:
        yield own
        return
    for inner in _records(value.get(path[0]), path[1:], f"{prefix}{path[0]}."):
        yield own | inner


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
