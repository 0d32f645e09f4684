"""Signs, bars and words, as Unicode and as ASCII."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols

BOTH = pytest.mark.parametrize("symbols", [UNICODE, ASCII])
SIGNS_OF_A_RUN = ("running", "waiting", "finished", "stopped", "failed")
SIGNS_OF_THE_CURVE = ("train", "valid", "best", "guide")


@BOTH
@pytest.mark.parametrize("names", [SIGNS_OF_A_RUN, SIGNS_OF_THE_CURVE, ("up", "down"), ("bar", "bar_rest")])
def test_signs_that_mean_different_things_differ(symbols: Symbols, names: tuple[str, ...]) -> None:
    assert len({getattr(symbols, name) for name in names}) == len(names)


@BOTH
@pytest.mark.parametrize("name", [*SIGNS_OF_A_RUN, "valid", "best", "rule", "about", "up", "down", "chosen"])
def test_signs_take_one_cell(symbols: Symbols, name: str) -> None:
    assert cell_len(getattr(symbols, name)) == 1


@BOTH
def test_parts_of_bars_and_sparks_take_one_cell_each(symbols: Symbols) -> None:
    assert {cell_len(letter) for letter in symbols.bar + symbols.bar_rest + symbols.spark + symbols.quotes} == {1}


def test_every_ascii_sign_is_ascii() -> None:
    signs = [getattr(ASCII, field.name) for field in fields(ASCII) if field.name != "ascii_only"]
    assert all(sign.isascii() and sign for sign in signs)


@pytest.mark.parametrize(
    ("share", "unicode", "ascii_only"),
    [
        (0.0, "", ""),
        (0.02, "", ""),
        (0.05, "╸", ""),
        (0.1, "━", "#"),
        (0.25, "━━╸", "##"),
        (0.5, "━━━━━", "#####"),
        (1.0, "━━━━━━━━━━", "##########"),
        (1.7, "━━━━━━━━━━", "##########"),
        (-0.3, "", ""),
    ],
)
def test_bars(share: float, unicode: str, ascii_only: str) -> None:
    assert (UNICODE.bar_of(share, 10), ASCII.bar_of(share, 10)) == (unicode, ascii_only)


@BOTH
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 100))
def test_bars_fit_and_grow(symbols: Symbols, one: float, other: float, cells: int) -> None:
    shorter, longer = (cell_len(symbols.bar_of(share, cells)) for share in sorted((one, other)))
    assert shorter <= longer <= cells


def test_sparks_go_from_nothing_to_the_greatest() -> None:
    assert UNICODE.spark_of([0, 100, 200, 300, 400, 500, 600]) == "▁▂▃▄▅▆▇"
    assert ASCII.spark_of([0, 100, 200, 300, 400, 500, 600, 700]) == " .:-=+*#"
    assert UNICODE.spark_of([9_500.0]) == "▇"


@BOTH
def test_sparks_of_nothing(symbols: Symbols) -> None:
    assert symbols.spark_of([]) == ""
    assert symbols.spark_of([0.0, 0.0]) == symbols.spark[0] * 2


@BOTH
@given(st.lists(st.floats(0, 1e9), max_size=50))
def test_a_spark_is_one_sign_a_value_and_the_greatest_is_full(symbols: Symbols, values: list[float]) -> None:
    spark = symbols.spark_of(values)
    assert len(spark) == len(values)
    if max(values, default=0.0) > 0:
        assert spark[values.index(max(values))] == symbols.spark[-1]


@pytest.mark.parametrize(
    ("word", "unicode", "ascii_only"),
    [
        ("company", "company", "company"),
        ("<unk>", "‹unk›", "<unk>"),
        ("<eos>", "⏎", "<eos>"),
        ("<unk>s", "<unk>s", "<unk>s"),
        ("N", "N", "N"),
        ("café", "café", r"caf\xe9"),
        ("漢", "漢", r"\u6f22"),
        ("\x1b[31m", r"\x1b[31m", r"\x1b[31m"),
        ("\u202eexe", r"\u202eexe", r"\u202eexe"),
        ("[red]", "[red]", "[red]"),
        ("", "", ""),
    ],
)
def test_words_as_people_see_them(word: str, unicode: str, ascii_only: str) -> None:
    assert (UNICODE.word(word), ASCII.word(word)) == (unicode, ascii_only)


@given(st.text())
def test_ascii_text_is_ascii_and_unicode_text_is_itself(text: str) -> None:
    assert ASCII.text(text).isascii()
    assert UNICODE.text(text) == text
