"""Reads a stream of sentences from files and pipes: one per line, or from columns of a table; gzip or not."""

import csv
import difflib
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from msgspec import Struct

from ptbterm.errors import PtbtermError
from ptbterm.files import decode_line

MAX_LINE_BYTES = 2**20
"""A longer line is refused: the file has something other than sentences."""

_GZIP = b"\x1f\x8b"
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')

_NumberedLine = tuple[int, str]
_NumberedCells = tuple[int, list[str]]


class Sentence(Struct, frozen=True):
    """A sentence as typed, and the cells carried along with it."""

    text: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """How sentences are stored in a text.

    In a table they are in the columns named `text_columns`, and the cells of `columns` are carried along;
    `separator` is a tab or a comma, or empty to detect it in the first line. Otherwise each line is a sentence.
    Two text columns hold pairs: a table of just those two needs no header.
    """

    text_columns: tuple[str, ...]
    columns: tuple[str, ...] = ()
    is_table: bool = False
    separator: str = ""


def separator_of(name: str) -> str:
    """Return the separator of a file by its name: a comma (.csv), a tab (.tsv), or empty for other names."""
    stem = name.lower().removesuffix(".gz")
    return {"csv": ",", "tsv": "\t"}.get(stem.rpartition(".")[2] if "." in stem else "", "")


def read_sentences(stream: BinaryIO, name: str, layout: Layout) -> Iterator[Sentence]:
    """Return the sentences of a text in order, those of a pair one after the other; skip blank ones.

    `name` is for error messages. Raises `PtbtermError` immediately if a table lacks a column, and while reading,
    with the line's number, if a line is not UTF-8, too long, damaged, has more or fewer cells than the header, or
    is not a pair.
    """
    lines = _lines(stream, name)
    if layout.is_table:
        return _from_table(lines, name, layout)
    return (Sentence(line.rstrip("\r\n")) for _, line in lines if line.strip())


def _lines(stream: BinaryIO, name: str) -> Iterator[_NumberedLine]:
    plain = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    reader = gzip.GzipFile(fileobj=plain) if plain.peek(2)[:2] == _GZIP else plain
    number = 0
    try:
        while line := reader.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise PtbtermError(
                    f"{name} has more than {MAX_LINE_BYTES:,} bytes in line {number}.",
                    "Put one sentence on each line.",
                )
            yield number, decode_line(line, number, name)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise PtbtermError(f"{name} is a damaged gzip file after line {number}: {error}.") from error


def _from_table(lines: Iterator[_NumberedLine], name: str, layout: Layout) -> Iterator[Sentence]:
    first = next((line for line in lines if line[1].strip()), None)
    if first is None:
        return iter(())
    rows = _cells(chain([first], lines), name, layout.separator or _separator_in(first[1]))
    number, header = next(rows)
    if len(layout.text_columns) > 1 and not layout.columns and set(layout.text_columns).isdisjoint(header):
        return _bare_pairs(chain([(number, header)], rows), name)
    texts, columns = (
        [_place(column, header, name) for column in wanted] for wanted in (layout.text_columns, layout.columns)
    )
    return _from_rows(rows, name, len(header), texts, columns)


def _separator_in(line: str) -> str:
    return "," if "," in line and "\t" not in line else "\t"


def _from_rows(
    rows: Iterator[_NumberedCells], name: str, width: int, texts: Sequence[int], columns: Sequence[int]
) -> Iterator[Sentence]:
    for number, cells in rows:
        if len(cells) != width:
            raise PtbtermError(
                f"{name} has {len(cells)} cells in line {number}, but {width} in its header.",
                "Cells are separated by commas in .csv files, by tabs in .tsv files, elsewhere as in the header.",
            )
        carried = tuple(cells[place] for place in columns)
        yield from _sentences([cells[place] for place in texts], len(texts), carried, f"{name}, line {number}")


def _bare_pairs(rows: Iterator[_NumberedCells], name: str) -> Iterator[Sentence]:
    for number, cells in rows:
        yield from _sentences(cells, 2, (), f"{name}, line {number}")


def _sentences(texts: Sequence[str], wanted: int, columns: tuple[str, ...], where: str) -> Iterator[Sentence]:
    """Yield a sentence if it is not blank, or both sentences of a pair."""
    filled = [text for text in texts if text.strip()]
    if wanted > 1 and filled and (len(filled) != wanted or len(texts) != wanted):
        raise PtbtermError(
            f"{where} is not a pair of sentences.",
            "Write two sentences on each line, separated by a tab or, as in a CSV table, by a comma.",
        )
    for text in filled:
        yield Sentence(text, columns)


def _cells(lines: Iterator[_NumberedLine], name: str, separator: str) -> Iterator[_NumberedCells]:
    if separator == ",":
        yield from _comma_separated(lines, name)
        return
    for number, line in lines:
        if line.strip():
            yield number, [_unquoted(cell) for cell in line.rstrip("\r\n").split(separator)]


def _comma_separated(lines: Iterator[_NumberedLine], name: str) -> Iterator[_NumberedCells]:
    number = 0

    def texts() -> Iterator[str]:
        nonlocal number
        for number, line in lines:  # noqa: B007
            yield line

    try:
        for cells in csv.reader(texts(), strict=True):
            if cells:
                yield number, cells
    except csv.Error as error:
        raise PtbtermError(f"{name} is not a CSV table: line {number}: {error}.") from error


def _unquoted(cell: str) -> str:
    """Return the content of a quoted cell; a quote only at its start or only at its end is part of the text."""
    match = _QUOTED.fullmatch(cell)
    return match[1].replace('""', '"') if match else cell


def _place(column: str, header: list[str], name: str) -> int:
    if column in header:
        return header.index(column)
    near = difflib.get_close_matches(column, header, n=1)
    suggestion = f"Did you mean {near[0]}? " if near else ""
    raise PtbtermError(f"{name} has no column {column!r}.", f"{suggestion}Its columns are: {', '.join(header)}.")
