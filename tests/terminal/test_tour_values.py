"""Values of the tour, drawn in any room."""

import numpy as np
import pytest
from rich.cells import cell_len

from ptbterm.lessons.lesson import (
    Bar,
    Bars,
    Block,
    Curve,
    Excerpt,
    Frame,
    HeatMap,
    Table,
    Text,
    WordScatter,
)
from ptbterm.terminal.screens.tour.code import code_lines
from ptbterm.terminal.screens.tour.heat import heat_lines
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.values import frame_lines
from ptbterm.terminal.screens.tour.word_map import map_lines
from ptbterm.terminal.text.lines import plain_text, width
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.terminal.walking import CODE


def test_words_of_a_map_never_overlap_and_wide_labels_keep_the_columns() -> None:
    words = [("the", 0.0, 0.0), ("漢字", 0.1, 0.0), ("far", 1.0, 1.0), ("hidden", 0.01, 0.0)]
    options = RenderOptions(UNICODE, 30, 8)
    lines = [plain_text(each) for each in map_lines(WordScatter("", tuple(words)), options)]
    assert lines[0].rstrip() == "the"  # 漢字 would touch it
    assert lines[-1].rstrip().endswith("far")
    assert "hidden" not in "".join(lines)
    heat = HeatMap("gates", ("漢字", "a"), np.zeros((2, 5)), -1, 1)
    _, first, second = [plain_text(each) for each in heat_lines(heat, options)][-3:]
    assert cell_len(first[: first.index("▓")]) == cell_len(second[: second.index("▓")])


WORDS = (
    "a",
    "",
    "antidisestablishmentarianism" * 8,
    "漢字" * 40,
    "e\u0301" * 50,
    "\U0001f3f3\ufe0f\u200d\U0001f308" * 20,
    "\x1b[31m[red]",
    "≈“x”",
)
WIDTHS = (20, 21, 27, 33, 40, 58, 79, 118)


def blocks(word: str) -> list[Block]:
    values = np.linspace(-1, 1, 60).reshape(2, 30)
    return [
        Text("read", f"the {word} and {word}"),
        Table(
            ("id", word, "times", "share"), (("1", word, "12,345", "12.34 %"), ("2", "a", "1", "0.1 %")), right=2
        ),
        Bars(word, (Bar(f"    1 {word}", 1.0, "0.000123 %"), Bar("12,345 b", 0.0, "100 %"))),
        HeatMap("vectors", (word, "b"), values, -1.0, 1.0, figures=False),
        HeatMap("gates", (word, "b"), values, -1.0, 1.0),
        Curve(word, ((1.0, 600.0), (20.0, 90.0)), 40.0, ((632.0, "uniform guess 632"),)),
        WordScatter("", ((word, 0.0, 0.0), ("b", 0.5, 0.5), (f"{word}c", 1.0, 1.0))),
    ]


def test_a_note_stands_where_lines_could_not_be_read() -> None:
    missing = Excerpt("/src/model/softmax.py", (), "nats has no lines marked rows.")
    lines = [plain_text(each) for each in code_lines((CODE, missing), RenderOptions(UNICODE, 60, 8))]
    assert lines[-2:] == ["softmax.py", "nats has no lines marked rows."]


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{len(word)} characters")
@pytest.mark.parametrize("symbols", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_all_values_can_be_drawn_in_any_room(word: str, cells: int, symbols: Symbols) -> None:
    for block in blocks(word):
        for heat_rows in (1, 3):
            options = RenderOptions(symbols, cells, 12, heat_lines=heat_rows)
            lines = frame_lines(Frame(word, (block,)), options)
            assert lines
            assert max(map(width, lines)) <= cells, block
            assert "\x1b" not in "".join(map(plain_text, lines))


def test_what_has_no_room_is_cut_and_marked() -> None:
    options = RenderOptions(UNICODE, 30, 8)
    bars = Bars("most probable", (Bar("1 international-tribunal", 1.0, "19.2 %"), Bar("2 a", 0.5, "9.8 %")))
    _, long, short = map(plain_text, frame_lines(Frame("", (bars,)), options))
    assert long.startswith("1 international…")
    assert long.index("━") == short.index("━")
    assert long.endswith("19.2 %")
    table = Table(("id", "word", "times"), (("0", "international-tribunal", "1,234"),), right=2)
    assert plain_text(frame_lines(Frame("", (table,)), options)[1]) == "0   international-trib…  1,234"
