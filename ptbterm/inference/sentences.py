"""The sentences of a file or a pipe: one per line, or from the columns of a table; compressed or not."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

from ptbterm.corpus.decoding import decoded_lines
from ptbterm.corpus.text_lines import text_lines
from ptbterm.errors import PtbtermError
from ptbterm.inference.pairs import read_pairs
from ptbterm.inference.sentence import Sentence, Span
from ptbterm.inference.tables import NumberedLine, Row, Table, read_table

COMPRESSED = (".gz", ".bz2", ".xz")
_BAR_WITHIN_WORD = re.compile(r"(?<=[^\s|])\|(?=[^\s|])")


@dataclass(frozen=True)
class Layout:
    """How sentences are stored in a text.

    In a table they are in the columns named `text_columns`, and the cells of `columns` are carried along;
    `separator` is a tab, a comma or a semicolon, or empty to detect it in the first line. Columns that are
    numbers, from 1, are those of a table without a header. Otherwise each line is a sentence. Pairs are in two
    columns: a table of just those two needs no header. With `groups`, consecutive rows that agree in these columns
    are one text, of which each row, or each run of rows that agree in `region_column`, is a span. With `has_bars`,
    `|` separates spans within a sentence.
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


def read_sentences(
    stream: BinaryIO, name: str, layout: Layout, say: Callable[[str], None] = lambda _: None
) -> Iterator[Sentence]:
    """Return the sentences of a text in order, those of a pair one after the other; blank lines are skipped.

    A row of a table without a text is a sentence without words. `name` is for messages, and `say` is given a
    sentence about what had to be decided. Raises `PtbtermError` immediately if a table lacks a column, and while
    reading, with the line's number, if a line is not UTF-8, too long, damaged, has more or fewer cells than the
    header, or is not a pair.
    """
    lines = _lines(stream, name)
    if layout.is_pairs:
        sentences = read_pairs(lines, name, layout.text_columns, layout.columns, layout.separator, say)
    elif layout.is_table:
        sentences = _from_table(lines, name, layout, say)
    else:
        sentences = (Sentence(line.rstrip("\r\n"), number=number) for number, line in lines if line.strip())
    return _with_bars(sentences, name) if layout.has_bars else sentences


def _lines(stream: BinaryIO, name: str) -> Iterator[NumberedLine]:
    return decoded_lines(text_lines(stream, name), name)


def _with_bars(sentences: Iterable[Sentence], name: str) -> Iterator[Sentence]:
    """Yield sentences whose regions between bars are spans; each bar is read as a space.

    Raises `PtbtermError` if bars have spaces beside them in one place and not in another.
    """
    kinds = set[bool]()
    for sentence in sentences:
        within = [match[0] for match in _BAR_WITHIN_WORD.finditer(sentence.text)]
        kinds |= {True} if within else set()
        kinds |= {False} if sentence.text.count("|") > len(within) else set()
        if len(kinds) > 1:
            raise PtbtermError(
                f"{name}, sentence {sentence.number}: some | have a space beside them, others are within a word.",
                "Write a space on both sides of each | between regions, and replace a | that belongs to a word.",
            )
        yield _between_bars(sentence)


def _between_bars(sentence: Sentence) -> Sentence:
    spans, start = [], 0
    for region in sentence.text.split("|"):
        inner = region.strip()
        first = start + region.find(inner) if inner else start
        spans.append(Span(first, first + len(inner), sentence.columns))
        start += len(region) + 1
    return Sentence(sentence.text.replace("|", " "), sentence.columns, sentence.number, tuple(spans))


def _from_table(
    lines: Iterator[NumberedLine], name: str, layout: Layout, say: Callable[[str], None]
) -> Iterator[Sentence]:
    (column,) = layout.text_columns or ("sentence",)
    regions = (layout.region_column,) if layout.region_column else ()
    table = read_table(lines, name, (column,), (*layout.columns, *layout.groups, *regions), layout.separator)
    if table is None:
        return iter(())
    table.say_without_header(say)
    text = table.place(column)
    carried, groups, region = (
        [table.place(wanted) for wanted in names] for names in (layout.columns, layout.groups, regions)
    )
    if groups:
        return _grouped(table, text, carried, groups, region)
    return (
        Sentence(" ".join(table.cells(row, [text])[0].splitlines()), table.cells(row, carried), row.number)
        for row in table.rows
    )


def _grouped(
    table: Table, text: int, carried: Sequence[int], groups: Sequence[int], region: Sequence[int]
) -> Iterator[Sentence]:
    """Yield a sentence for each run of rows with the same groups, with a span for each row or region."""

    def keys(row: Row, places: Sequence[int]) -> tuple[str, ...]:
        return tuple(cell.strip() for cell in table.cells(row, places))

    seen = set[tuple[str, ...]]()
    for number, (key, rows) in enumerate(groupby(table.rows, lambda row: keys(row, groups)), 1):
        members = list(rows)
        if key in seen:
            named = ", ".join(f"{table.header[place]}={cell}" for place, cell in zip(groups, key, strict=True))
            raise PtbtermError(
                f"{table.name}, {members[0].where}: the rows with {named} are not together.",
                "Sort the table by its groups, or group by one more column.",
            )
        seen.add(key)
        words, spans, start = [], [], 0
        runs = groupby(members, lambda row: keys(row, region)) if region else ((row, [row]) for row in members)
        for _, run in runs:
            parts = list(run)
            joined = " ".join(" ".join(table.cells(row, [text])[0].split()) for row in parts).strip()
            spans.append(Span(start, start + len(joined), table.cells(parts[0], carried)))
            words.append(joined)
            start += len(joined) + 1
        yield Sentence(" ".join(words), number=number, spans=tuple(spans))
