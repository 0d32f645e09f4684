"""Pairs of sentences from two columns of a table, whose first line may be a pair or a header."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.inference.sentence import Sentence
from ptbterm.inference.tables import NumberedLine, Row, Table, read_table

PAIR_COLUMNS = (("sentence_1", "sentence_2"), ("sentence_good", "sentence_bad"))
"""Names of the columns of pairs that need not be given; the second are those of BLiMP."""
_LABEL = re.compile(
    r"(?:(?:sentences?|text|good|bad|(?:un)?grammatical|(?:un)?acceptable|(?:in)?correct|(?:un)?expected|wrong|right"
    r"|in?consistent|match|mismatch|item|pair|id|uid|condition|type|first|second|[ab]|\d+)(?:[\s_.()-]+|(?=\d)|$))+",
    re.IGNORECASE,
)
"""A name of a column, as in `Good sentence` and `sentence 1`."""


def read_pairs(
    lines: Iterator[NumberedLine],
    name: str,
    text_columns: Sequence[str],
    columns: Sequence[str],
    separator: str,
    say: Callable[[str], None],
) -> Iterator[Sentence]:
    """Yield both sentences of each pair; the first row is a header if it names the columns.

    Without column names it is a pair, which is said through `say`; if it looks like a header, it is refused.
    """
    names = text_columns or [column for pair in PAIR_COLUMNS for column in pair]
    table = read_table(lines, name, names, columns, separator, may_lack_header=not (text_columns or columns))
    if table is None:
        return iter(())
    table.say_without_header(say)
    texts = text_columns or next((pair for pair in PAIR_COLUMNS if any(map(table.has, pair))), ())
    if not texts and not columns:
        return _without_names(table, say)
    places = [table.place(column) for column in texts or PAIR_COLUMNS[0]]
    if len(set(places)) < len(places):
        raise PtbtermError(f"Both sentences of a pair are in column {texts[0]!r}.", "Name two columns.")
    return _both(table, places, [table.place(column) for column in columns])


def _without_names(table: Table, say: Callable[[str], None]) -> Iterator[Sentence]:
    rows = table.rows
    below = next(rows, None)
    example = table.cells(below, range(len(table.header))) if below else ()
    places = _longest(example)
    first, second = [table.header[place] for place in places] or ["NAME", "NAME"]
    if not table.line:
        message = f"{table.name} has none of the columns of pairs by default."
        raise PtbtermError(message, "Name them:", next_step=NextStep.TEXT_COLUMNS, first=first, second=second)
    if _is_header(table.header, example):
        first_number, second_number = [str(place + 1) for place in places or (0, 1)]
        raise PtbtermError(
            f"The first line of {table.name} looks like a header: {', '.join(table.header)}.",
            "Name the text columns:",
            next_step=NextStep.TEXT_COLUMNS_OR_NUMBERS,
            first=first,
            second=second,
            first_number=first_number,
            second_number=second_number,
        )
    say(f"{table.name} names no columns of sentences: line {table.line} is read as the first pair.")
    pair = Row(1, table.line, table.header)
    following = (replace(row, number=row.number + 1) for row in chain([below] if below else [], rows))
    return _both(replace(table, rows=chain([pair], following)), range(len(table.header)), ())


def _is_header(cells: Sequence[str], next_cells: Sequence[str]) -> bool:
    """Return whether a first row has names of columns: known ones, or single words above longer texts."""
    if all(_LABEL.fullmatch(cell) for cell in cells):
        return True
    return all(" " not in cell for cell in cells) and any(" " in cell.strip() for cell in next_cells)


def _longest(cells: Sequence[str]) -> list[int]:
    """Return the places of the two longest texts of a row, in order; none for fewer than two."""
    places = sorted(range(len(cells)), key=lambda place: -len(cells[place]))[:2]
    return sorted(places) if len(places) == 2 else []


def _both(table: Table, places: Sequence[int], carried: Sequence[int]) -> Iterator[Sentence]:
    for row in table.rows:
        texts = [" ".join(text.splitlines()) for text in table.cells(row, places)]
        filled = [text for text in texts if text.strip()]
        if filled and (len(filled) != 2 or len(texts) != 2):
            raise PtbtermError(
                f"{table.name}, {row.where} is not a pair of sentences.",
                "Write two sentences on each line, separated by a tab or, as in a CSV table, by a comma;",
                next_step=NextStep.CHOOSE_TEXT_COLUMNS,
            )
        for text in filled:
            yield Sentence(text, table.cells(row, carried), row.number)
