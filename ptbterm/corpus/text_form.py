"""What a text looks like that is not one sentence a line: JSON, markup, or the rows of a table."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

_MOST, _SEVERAL = 0.9, 5
_TAG = re.compile(r"</[A-Za-z][\w:-]*>|<[A-Za-z][\w:-]*\s[^<>]*>|/>")
_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "vertical bars"}
_JSON_TEXT = r'"(?:[^"\\]|\\.)*"'
_JSON_LINE = re.compile(
    rf"[\[\]{{}},\s]+|{_JSON_TEXT}\s*:.*|(?:{_JSON_TEXT}|-?\d[\d.eE+-]*|true|false|null)[\]}},\s]*|[\[,\s]*{{.*}}[\],\s]*"
)
"""A line of JSON that is written over several lines."""


def foreign_form(lines: Sequence[str]) -> str | None:
    """Return what a text looks like if most lines, without spaces around them, are not sentences; else None."""
    many = max(1, round(_MOST * len(lines)))
    if sum(map(_is_json, lines)) >= many or _is_json_over_lines(lines, many):
        return "JSON"
    if lines and (re.match(r"<\?xml|<!doctype|<html", lines[0], re.IGNORECASE) or _count_tagged(lines) >= many):
        return "markup (HTML or XML)"
    for separator, name in _SEPARATORS.items():
        rows = _rows(lines, separator)
        columns, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        regular = [row for row in rows if len(row) == columns]
        if columns > 1 and count >= max(2, _MOST * len(rows)) and _is_table(regular, separator):
            return f"a table with {columns} columns, separated by {name}"
    return None


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    """Return the cells of the lines; between commas and semicolons a quoted cell may have any character."""
    if separator in {"\t", "|"}:
        return [line.strip("|").split(separator) for line in lines]
    with suppress(csv.Error):
        return list(csv.reader(lines, delimiter=separator))
    return []


def _is_table(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Return whether rows of equally many cells are those of a table, not prose with as many commas a line.

    In prose a comma has a space beside it. A table also has a header of names, or a column of numbers or, in
    several rows, of single words.
    """
    if separator in {"\t", "|"}:
        return True
    many = _MOST * len(rows)
    if sum(1 for row in rows if all(cell == cell.strip() for cell in row)) < many:
        return False
    has_header = all(cell.strip('"').isidentifier() for cell in rows[0])
    columns = list(zip(*rows, strict=True))
    is_short = any(sum(1 for cell in column if len(cell.split()) < 2) >= many for column in columns)
    has_numbers = any(all(cell.isdecimal() for cell in column) for column in columns)
    return has_header or has_numbers or (is_short and len(rows) >= _SEVERAL)


def _count_tagged(lines: Iterable[str]) -> int:
    return sum(1 for line in lines if _TAG.search(line))


def _is_json_over_lines(lines: Sequence[str], many: int) -> bool:
    """Return whether lines are JSON together, or the start of such a text."""
    if not lines or not lines[0].startswith(("{", "[")):
        return False
    return _is_json("".join(lines)) or (
        len(lines) > 1 and sum(map(bool, map(_JSON_LINE.fullmatch, lines))) >= many
    )


def _is_json(line: str) -> bool:
    if not line.startswith(("{", "[")):
        return False
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(line), dict | list)
    return False
