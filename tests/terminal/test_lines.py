"""Lines are cut and filled to exactly the width that was asked for."""

from itertools import takewhile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ptbterm.terminal.text.lines import Line, Role, Span, fit, justify, line, muted, plain_text, strong, width

LETTERS = st.sampled_from("ab 漢字语\uff76é\u0301😀👩🇩🇪❤\ufe0f…━") | st.characters(codec="utf-8")
LINES = st.lists(st.builds(Span, st.text(LETTERS, max_size=8), st.sampled_from(Role)), max_size=5)
CELLS = st.integers(0, 40)


@given(LINES, CELLS)
@example(line("漢字"), 3)
@example(line("😀", strong("漢")), 1)
@example(line(), 5)
def test_fit_gives_the_width_asked(parts: Line, cells: int) -> None:
    assert width(fit(parts, cells)) == cells


@given(LINES, LINES, CELLS)
@example(line("left"), line("漢字"), 3)
def test_justify_gives_the_width_asked(left: Line, right: Line, cells: int) -> None:
    assert width(justify(left, right, cells)) == cells


@given(LINES, st.integers(1, 40))
def test_fit_keeps_what_there_is_room_for(parts: Line, more: int) -> None:
    kept = fit(parts, width(parts) + more)
    assert plain_text(kept).rstrip() == plain_text(parts).rstrip()


@given(LINES, CELLS)
def test_fit_keeps_the_beginning_and_its_roles(parts: Line, cells: int) -> None:
    before = [(letter, span.role) for span in parts for letter in span.text]
    after = [(letter, span.role) for span in fit(parts, cells) for letter in span.text]
    kept = list(takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    assert all(letter == " " for letter, _ in after[len(kept) :])


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("loss", 6, "loss  "),
        ("perplexity", 4, "perp"),
        ("perplexity", 0, ""),
        ("漢字", 4, "漢字"),
        ("漢字", 3, "漢 "),
        ("漢字", 1, " "),
        ("a😀b", 3, "a😀"),
        ("a😀b", 2, "a "),
    ],
)
def test_a_wide_character_is_shown_whole_or_not_at_all(text: str, cells: int, shown: str) -> None:
    assert plain_text(fit(line(text), cells)) == shown


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (14, "epoch 1   9:08"),
        (12, "epoch 1 9:08"),
        (11, "epoch  9:08"),
        (8, "epo 9:08"),
        (5, " 9:08"),
        (4, "9:08"),
        (3, "9:0"),
        (0, ""),
    ],
)
def test_justify_cuts_the_left_end_first_and_keeps_a_space_between(cells: int, shown: str) -> None:
    assert plain_text(justify(line("epoch 1"), line("9:08"), cells)) == shown


def test_what_is_cut_and_filled_keeps_its_roles() -> None:
    shown = fit(line(strong("epoch"), " of ", muted("13")), 8)
    assert [span for span in shown if span.text] == [Span("epoch", Role.STRONG), Span(" of", Role.TEXT)]


def test_strings_are_text_and_empty_ones_are_left_out() -> None:
    assert line("", "a", muted("b")) == [Span("a", Role.TEXT), Span("b", Role.MUTED)]
    assert plain_text(line("a", muted("b"))) == "ab"


def test_width_counts_cells_not_characters() -> None:
    assert width(line("漢字", muted("e\u0301"), "😀")) == 7


def test_justify_without_a_right_end_uses_every_cell() -> None:
    assert plain_text(justify(line("epoch 1"), [], 7)) == "epoch 1"
