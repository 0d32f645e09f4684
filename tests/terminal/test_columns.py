"""Cells in columns, and as TAB-separated values."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.text.columns import aligned, columns
from ptbterm.terminal.text.lines import Role, Span, muted, plain_text, width
from ptbterm.terminal.text.safe_text import HARMLESS, visible
from ptbterm.terminal.text.tsv import Value, tsv, write_tsv

CELL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8)
ROWS = st.integers(1, 5).flatmap(
    lambda count: st.lists(st.lists(CELL, min_size=count, max_size=count), min_size=1, max_size=5)
)


def test_words_stand_left_and_figures_right() -> None:
    rows = [("", "rank", "bits"), ("the", "1", "2.10"), ("漢字", "12", "13.00")]
    assert columns(rows, right=1) == [
        "      rank   bits",
        "the      1   2.10",
        "漢字    12  13.00",
    ]


def test_minimum_widths_and_the_gap() -> None:
    [row] = aligned([("a", "b", "c")], right=1, gap=1, minimum=(4, 3))
    assert plain_text(row) == "a      b c"


def test_cells_keep_their_roles() -> None:
    [row] = aligned([(muted("rate"), Span("108.4", Role.TRAIN))], right=1)
    assert [span.role for span in row] == [Role.MUTED, Role.TRAIN]


@given(ROWS, st.integers(0, 5), st.integers(0, 3))
def test_all_rows_are_equally_wide(rows: list[list[str]], right: int, gap: int) -> None:
    assert len({width(row) for row in aligned(rows, right, gap=gap)}) == 1


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (True, "1"), (False, "0"), (7, "7"), (0.1 + 0.2, "0.3"), ("\x1b[31m", r"\x1b[31m"), ("a", "a")],
)
def test_values_as_cells(value: Value, cell: str) -> None:
    assert tsv([[value, "end"]]) == f"{cell}\tend\n"


def test_words_keep_invisible_characters_that_belong_to_them() -> None:
    persian, hyphenated = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "co\u00adop"
    assert tsv([[persian, hyphenated, "\u202egpj"]]) == f"{persian}\t{hyphenated}\t\\u202egpj\n"


def test_line_breaks_are_escaped_in_tsv_and_quoted_in_csv() -> None:
    cell = "a\tb\nc\r\nd\re"
    assert tsv([[cell]]) == "a\\tb\\nc\\r\\nd\\re\n"
    text = io.StringIO(newline="")
    write_tsv(text, [[cell]], ",")
    assert text.getvalue() == '"a\tb\nc\r\nd\\re"\n'


@given(st.lists(st.lists(st.text(min_size=1), min_size=2, max_size=4), max_size=4))
def test_a_table_reads_back_as_it_was_written(rows: list[list[str]]) -> None:
    read = list(csv.reader(tsv(rows).splitlines(keepends=True), delimiter="\t"))
    assert read == [[visible(cell, HARMLESS) for cell in row] for row in rows]
