"""The sentences of a file or a pipe: one per line, or from the columns of a table; compressed or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import BinaryIO

from msgspec import Struct

from ptbterm.corpus.text_lines import text_lines
from ptbterm.errors import PtbtermError
from ptbterm.files import decode_line
from ptbterm.inference.tables import NumberedLine, Row, Table, read_table

MAX_LINE_BYTES = 2**20
"""A longer line is refused: the file has something other than sentences."""

PAIR_COLUMNS = (("sentence_1", "sentence_2"), ("sentence_good", "sentence_bad"))
"""Names of the columns of pairs that need not be given; the second are those of BLiMP."""
COMPRESSED = (".gz", ".bz2", ".xz")


class Span(Struct, frozen=True):
    """The characters `start` to `end` of a sentence that have a row of their own, and the cells carried along."""

    start: int
    end: int
    columns: tuple[str, ...] = ()


class Sentence(Struct, frozen=True):
    """A sentence as typed, its row or line in the file, the cells carried along, and its regions if it has any."""

    text: str
    columns: tuple[str, ...] = ()
    number: int = 0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Layout:
    """How sentences are stored in a text.

    In a table they are in the columns named `text_columns`, and the cells of `columns` are carried along;
    `separator` is a tab, a comma or a semicolon, or empty to detect it in the first line. Otherwise each line is a
    sentence. Pairs are in two columns: a table of just those two needs no header. With `groups`, consecutive rows
    that agree in these columns are one text, of which each row, or each run of rows that agree in `region_column`,
    is a span. With `has_bars`, `|` separates spans within a sentence.
    """

    text_columns: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    is_table: bool = False
    is_pairs: bool = False
    separator: str = ""
    groups: tuple[str, ...] = ()
    region_column: str = ""
    has_bars: bool = False


def separator_of(name: str) -> str:
    """Return the separator of a file by its name: a tab (.tsv), or empty, which is detected."""
    return "\t" if _extension(name) == "tsv" else ""


def is_table_name(name: str) -> bool:
    """Return whether a file's name says that it is a table."""
    return _extension(name) in {"csv", "tsv", "json", "jsonl"}


def _extension(name: str) -> str:
    stem = name.lower()
    for ending in COMPRESSED:
        stem = stem.removesuffix(ending)
    return stem.rpartition(".")[2] if "." in stem else ""


def read_sentences(stream: BinaryIO, name: str, layout: Layout) -> Iterator[Sentence]:
    """Return the sentences of a text in order, those of a pair one after the other; blank lines are skipped.

    A row of a table without a text is a sentence without words. `name` is for messages. Raises `PtbtermError`
    immediately if a table lacks a column, and while reading, with the line's number, if a line is not UTF-8, too
    long, damaged, has more or fewer cells than the header, or is not a pair.
    """
    lines = _lines(stream, name)
    if layout.is_pairs:
        sentences = _pairs(lines, name, layout)
    elif layout.is_table:
        sentences = _from_table(lines, name, layout)
    else:
        sentences = (Sentence(line.rstrip("\r\n"), number=number) for number, line in lines if line.strip())
    return map(_with_bars, sentences) if layout.has_bars else sentences


def _lines(stream: BinaryIO, name: str) -> Iterator[NumberedLine]:
    for number, line in enumerate(text_lines(stream, name, MAX_LINE_BYTES), 1):
        yield number, decode_line(line, number, name)


def _with_bars(sentence: Sentence) -> Sentence:
    """Return a sentence whose regions between bars are spans; each bar is read as a space."""
    spans, start = [], 0
    for region in sentence.text.split("|"):
        inner = region.strip()
        first = start + region.find(inner) if inner else start
        spans.append(Span(first, first + len(inner), sentence.columns))
        start += len(region) + 1
    return Sentence(sentence.text.replace("|", " "), sentence.columns, sentence.number, tuple(spans))


def _from_table(lines: Iterator[NumberedLine], name: str, layout: Layout) -> Iterator[Sentence]:
    (column,) = layout.text_columns or ("sentence",)
    regions = (layout.region_column,) if layout.region_column else ()
    table = read_table(lines, name, (column, *layout.columns, *layout.groups, *regions), layout.separator)
    if table is None:
        return iter(())
    text = table.place(column)
    carried, groups, region = (
        [table.place(wanted) for wanted in names] for names in (layout.columns, layout.groups, regions)
    )
    if groups:
        return _grouped(table, text, carried, groups, region)
    return (
        Sentence(" ".join(row.cells[text].split("\n")), _cells(row, carried), row.number) for row in table.rows
    )


def _cells(row: Row, places: Sequence[int]) -> tuple[str, ...]:
    return tuple(row.cells[place] for place in places)


def _grouped(
    table: Table, text: int, carried: Sequence[int], groups: Sequence[int], region: Sequence[int]
) -> Iterator[Sentence]:
    """Yield a sentence for each run of rows with the same groups, with a span for each row or region."""
    seen = set[tuple[str, ...]]()
    for number, (key, rows) in enumerate(groupby(table.rows, lambda row: _cells(row, groups)), 1):
        members = list(rows)
        if key in seen:
            raise PtbtermError(
                f"{table.name}, line {members[0].line}: the rows of {' '.join(key)} are not together.",
                "Sort the table by its groups, or group by one more column.",
            )
        seen.add(key)
        words, spans, start = [], [], 0
        runs = groupby(members, lambda row: _cells(row, region)) if region else ((row, [row]) for row in members)
        for _, run in runs:
            parts = list(run)
            joined = " ".join(" ".join(row.cells[text].split()) for row in parts).strip()
            spans.append(Span(start, start + len(joined), _cells(parts[0], carried)))
            words.append(joined)
            start += len(joined) + 1
        yield Sentence(" ".join(words), number=number, spans=tuple(spans))


def _pairs(lines: Iterator[NumberedLine], name: str, layout: Layout) -> Iterator[Sentence]:
    """Yield both sentences of each pair; the first row is a header if it names the columns."""
    default_columns = tuple(column for columns in PAIR_COLUMNS for column in columns)
    table = read_table(lines, name, (*layout.text_columns, *default_columns, *layout.columns), layout.separator)
    if table is None:
        return iter(())
    texts = layout.text_columns or next((pair for pair in PAIR_COLUMNS if set(pair) & set(table.header)), ())
    if not texts and not layout.columns:
        return _bare_pairs(table)
    places = [table.place(column) for column in texts or PAIR_COLUMNS[0]]
    carried = [table.place(column) for column in layout.columns]
    return _both(table, places, carried)


def _bare_pairs(table: Table) -> Iterator[Sentence]:
    rows = table.rows
    second = next(rows, None)
    if (
        second
        and all(" " not in cell for cell in table.header)
        and any(" " in cell.strip() for cell in second.cells)
    ):
        columns = " and ".join(table.header[:2])
        raise PtbtermError(
            f"The first line of {table.name} looks like a header: {', '.join(table.header)}.",
            f"Name the text columns: {columns}.",
        )
    first = Row(1, 1, table.header)
    following = (Row(row.number + 1, row.line, row.cells) for row in chain([second] if second else [], rows))
    return _both(Table(table.name, table.header, chain([first], following)), range(len(table.header)), ())


def _both(table: Table, places: Sequence[int], carried: Sequence[int]) -> Iterator[Sentence]:
    for row in table.rows:
        texts = [row.cells[place] for place in places]
        filled = [text for text in texts if text.strip()]
        if filled and (len(filled) != 2 or len(texts) != 2):
            raise PtbtermError(
                f"{table.name}, line {row.line} is not a pair of sentences.",
                "Write two sentences on each line, separated by a tab or, as in a CSV table, by a comma.",
            )
        for text in filled:
            yield Sentence(text, _cells(row, carried), row.number)
