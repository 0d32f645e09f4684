"""Panel 4: the next words of watched contexts, and a generated line."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.screens.dashboard.words import word_lines, word_summary
from ptbterm.terminal.text.lines import plain_text, width
from ptbterm.terminal.text.symbols import ASCII
from tests.terminal.panel_examples import drawn, text_of
from tests.terminal.view_examples import (
    STARTED,
    Shown,
    glimpse,
    view,
)


def test_next_words_by_rank_with_their_moves() -> None:
    run = view(
        STARTED,
        glimpse("old", "key", "important", "<unk>", "<eos>"),
        glimpse("important", "old", "big", "<unk>", "key"),
    )
    assert text_of(word_lines(*run, 52, rows=7)) == drawn("""
        this is an …                          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %  ↑ 2
         old          ━━━━━━━━━━━━╸              10.0 %  ↓ 1
         big          ━━━━━━                      5.0 %  new
         ‹unk›        ━━━                         2.5 %    =
         key          ━╸                          1.2 %  ↓ 3
        it writes “the company said ‹unk› rose ⏎”
        """)


def test_next_words_in_ascii() -> None:
    run = view(STARTED, glimpse("old", "important", "<eos>"), glimpse("important", "old", "café"), symbols=ASCII)
    assert text_of(word_lines(*run, 52, rows=5)) == drawn(r"""
        this is an ...                        epoch 2, 46 %
         important    #########################  20.0 %  + 1
         old          ############               10.0 %  - 1
         caf\xe9      ######                      5.0 %  new
        it writes "the company said <unk> rose <eos>"
        """)


def test_the_first_glimpse_has_no_moves() -> None:
    assert text_of(word_lines(*view(STARTED, glimpse("important", "<eos>")), 52, rows=4)) == drawn("""
        this is an …                          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %
         ⏎            ━━━━━━━━━━━━╸              10.0 %
        it writes “the company said ‹unk› rose ⏎”
        """)


def test_a_context_that_was_not_watched_before_has_no_moves() -> None:
    run = view(STARTED, glimpse("a", "b", context="the company"), glimpse("b", "a"))
    assert not {"↑", "↓", "new", "="} & set(text_of(word_lines(*run, 52, rows=7)).split())


def test_a_narrow_panel_has_no_room_for_moves_and_breaks_the_line_that_is_written() -> None:
    run = view(STARTED, glimpse("a", "important"), glimpse("important", "a"))
    assert text_of(word_lines(*run, 36, rows=5)) == drawn("""
        this is an …          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━  20.0 %
         a            ━━━━━━━         10.0 %
        it writes “the company said ‹unk›
        rose ⏎”
        """)


@given(st.integers(30, 120), st.lists(st.sampled_from(["the", "漢字", "<unk>", "a" * 15]), max_size=30))
def test_a_written_line_is_broken_between_words(cells: int, generated: list[str]) -> None:
    run = view(STARTED, glimpse("a", generated=" ".join(generated)))
    rows = word_lines(*run, cells, rows=0)[2:]
    assert all(width(row) <= cells for row in rows)
    shown_line = " ".join(plain_text(row) for row in rows).split()
    assert [word.strip("“”") for word in shown_line][2:] == [
        *(word.replace("<unk>", "‹unk›") for word in generated or [""]),
        "⏎",
    ]


def two_contexts() -> Shown:
    newest = glimpse("important", "<unk>", "old")
    contexts = (*newest.contexts, *glimpse("said", "has", context="the company").contexts)
    return view(STARTED, msgspec.structs.replace(newest, contexts=contexts))


def test_contexts_stand_apart_where_there_is_room() -> None:
    assert text_of(word_lines(*two_contexts(), 52, rows=10)) == drawn("""
        this is an …                          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %
         ‹unk›        ━━━━━━━━━━━━╸              10.0 %
         old          ━━━━━━                      5.0 %

        the company …
         said         ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %
         has          ━━━━━━━━━━━━╸              10.0 %

        it writes “the company said ‹unk› rose ⏎”
        """)
    assert len(word_lines(*two_contexts(), 52, rows=9)) == 8


def test_two_contexts_side_by_side() -> None:
    run = two_contexts()
    assert text_of(word_summary(*run, 80, 4)) == "\n".join(
        [
            " this is an …                            the company …",
            "  important    ━━━━━━━━━━━━━━━━━  20.0 %  said         ━━━━━━━━━━━━━━━━━  20.0 %",
            "  ‹unk›        ━━━━━━━━╸          10.0 %  has          ━━━━━━━━╸          10.0 %",
            "  old          ━━━━                5.0 %",
        ]
    )


@given(st.integers(60, 110), st.integers(1, 12))
def test_contexts_side_by_side_fit(cells: int, rows: int) -> None:
    run = view(STARTED, glimpse("important", "<unk>", "old"))
    for shown in (word_summary(*run, cells, rows), word_summary(*view(STARTED), cells, rows)):
        assert len(shown) == rows
        assert all(width(line) <= cells for line in shown)


@given(st.integers(30, 120))
def test_ranked_words_have_the_width_asked(cells: int) -> None:
    run = view(STARTED, glimpse("old", "漢字"), glimpse("漢字", "old", "<unk>", "a" * 40))
    assert {width(row) for row in word_lines(*run, cells, rows=0)[:5]} == {cells}


def test_no_glimpse_yet() -> None:
    assert text_of(word_lines(*view(STARTED), 52, rows=7)) == "No predictions yet."
    assert text_of(word_summary(*view(STARTED), 80, 1)) == " No predictions yet."
