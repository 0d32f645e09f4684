"""The tour as people use it: keys and what they show. The steps are made up here."""

import re
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import OptionList

from ptbterm.errors import PtbtermError
from ptbterm.lessons.lesson import (
    Bar,
    Bars,
    Block,
    Check,
    Curve,
    Excerpt,
    Frame,
    HeatMap,
    Page,
    Table,
    Text,
    Verdict,
    WordScatter,
)
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.bookmark import Bookmark, read_bookmark, write_bookmark
from ptbterm.terminal.screens.tour.code import code_lines
from ptbterm.terminal.screens.tour.heat import heat_lines
from ptbterm.terminal.screens.tour.lesson_worker import Lessons
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.screen import TourScreen
from ptbterm.terminal.screens.tour.values import frame_lines
from ptbterm.terminal.screens.tour.word_map import map_lines
from ptbterm.terminal.text.lines import plain_text, width
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.terminal.piloted_screen import PilotedScreen

NARROW, WIDE = (80, 24), (120, 36)
PROSE = "A cell keeps a memory c and shows a part of it as h. " * 4
CODE = Excerpt(
    "/src/model/cells/lstm_kernel.py", tuple((number, f"c{number} = f * c + i * j") for number in range(84, 90))
)
CHECKS = (
    Check(Verdict.HOLDS, "equals nn.LSTM to 6e-08"),
    Check(Verdict.FAILS, "this does not hold"),
    Check(Verdict.DIFFERS, "word types: 19 (letters), 10,000 in the notebook"),
)


def heat_map(step: int) -> HeatMap:
    values = np.linspace(0.46, 0.54, 200) + 0 * np.ones((2, 1))
    return HeatMap("gates", ("input  i", "forget f"), values + step / 1000, 0.46, 0.54)


class Steps:
    """Five steps: plain ones, one with three time steps, one that computes until it is let, one with an answer."""

    titles: Sequence[str] = ("The corpus", "A cell", "A training", "An answer", "The end")
    about: Sequence[str] = ("letters", "untrained model", "seed 1")

    def __init__(self, *, may_end: bool = True) -> None:
        self.may_end = threading.Event()
        if may_end:
            self.may_end.set()
        self.computed: list[int] = []

    def pages(self, step: int) -> Iterator[Page]:
        self.computed.append(step)
        if step == 2:
            for done in (0.25, 0.5):
                yield Page(PROSE, (CODE,), (Frame(f"{done:.0%} done", (CURVE,)),), progress=done)
                if done == 0.5:
                    self.may_end.wait(20)
        yield [
            Page(PROSE, (CODE,), (Frame("Words [red]", (Text("words", "the \x1b[31mcat"),)),), CHECKS),
            Page(PROSE, (CODE,), cell_frames(), CHECKS, walk="time step"),
            Page(PROSE, (CODE,), (Frame("done", (CURVE,)),), CHECKS),
            ASKING,
            Page(PROSE, (CODE,), (Frame("Bars", (BARS,)),), CHECKS),
        ][step]


def cell_frames() -> tuple[Frame, ...]:
    return tuple(Frame(f"Time step {step} of 3: “word{step}”", (heat_map(step),)) for step in (1, 2, 3))


CURVE = Curve(
    "running perplexity", ((1.0, 600.0), (20.0, 90.0), (40.0, 20.0)), 40.0, ((632.0, "uniform guess 632"),)
)
ANSWER = Table(("", "autograd"), (("z", "8.125"),), is_answer=True)
HINT = Text("hint", "2 x + 3 y")
BARS = Bars("after", (Bar("1 issue", 1.0, "19.2 %"), Bar("2 industry", 0.5, "9.8 %")))
ASKING = Page(
    PROSE,
    (CODE,),
    (Frame("x = 1", (ANSWER, HINT)), Frame("x = 2", (ANSWER,))),
    (Check(Verdict.HOLDS, "z is 8"),),
    walk="x",
    question="What is z?",
    answer="It is 2 + 6.125.",
)
SECRETS = ("8.125", "z is 8", "6.125")


class Walking(PilotedScreen):
    """A tour on a screen."""

    def __init__(self, tour: TourScreen, pilot: "Pilot[None]") -> None:
        super().__init__(pilot)
        self.tour = tour

    async def until(self, pattern: str) -> str:
        await super().until(pattern)
        return await self.settle()


@asynccontextmanager
async def walking(
    folder: Path,
    steps: Lessons | None = None,
    size: tuple[int, int] = NARROW,
    *,
    symbols: Symbols = UNICODE,
    first_step: int | None = None,
    is_quiz: bool = False,
) -> AsyncIterator[Walking]:
    walk = steps or Steps()
    tour = TourScreen(lambda: walk, folder / "tour.json", symbols, first_step=first_step, is_quiz=is_quiz)
    async with PtbtermApp(tour).run_test(size=size, notifications=True) as pilot:
        screen = Walking(tour, pilot)
        await screen.until("1 of 5|2 of 5|3 of 5|4 of 5|5 of 5")
        await screen.until("The lines that ran: lstm_kernel.py")
        yield screen


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_step_shows_words_values_lines_and_checks(tmp_path: Path, size: tuple[int, int]) -> None:
    async with walking(tmp_path, size=size) as screen:
        text = await screen.until("✗ this does not hold")
        assert "tour  1 of 5  The corpus" in text
        assert "letters · untrained model · seed 1" in text
        assert "A cell keeps a memory c" in text
        assert "84 c84 = f * c + i * j" in text
        assert "✓ equals nn.LSTM to 6e-08" in text
        assert "≠ word types: 19 (letters), 10,000 in the notebook" in text
        assert "Words [red]" in text
        assert r"the \x1b[31mcat" in text
        assert len(text.splitlines()) == size[1]


async def test_keys_go_from_step_to_step_and_stop_at_both_ends(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=4) as screen:
        assert "5 of 5  The end" in await screen.press("right")
        assert "5 of 5  The end" in await screen.press("space")
        assert "4 of 5" in await screen.press("left")
        assert "2 of 5" in await screen.press("home", "space")
        assert "1 of 5" in await screen.press("backspace", "backspace")
        assert "5 of 5" in await screen.press("end")


async def test_go_to_a_step_by_its_number(tmp_path: Path) -> None:
    async with walking(tmp_path) as screen:
        assert "Go to step (1 to 5, Enter): _" in await screen.press("g")
        assert "4 of 5  An answer" in await screen.press("4", "enter")
        assert "4 of 5" in await screen.press("g", "9", "enter", "escape")


async def test_the_list_ticks_the_steps_seen(tmp_path: Path) -> None:
    async with walking(tmp_path) as screen:
        await screen.press("right", "o")
        options = screen.pilot.app.screen.query_one(OptionList).options
        ticked = [str(option.prompt).startswith("✓") for option in options]
        assert ticked == [True, True, False, False, False]
        assert "4 of 5" in await screen.press("down", "down", "enter")


async def test_time_steps_and_units(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=2) as screen:
        text = await screen.until("Time step 1 of 3: “word1”")
        assert "gates    .460 ░▒▓█ .540" in text
        assert re.search(r"input  i [░▒▓█]+ +\.501 \.461 \.541", text)
        assert "↑↓ time step · [ ] units 1-" in await screen.until("units")
        assert "Time step 3 of 3" in await screen.press("down", "down", "down")
        assert "Time step 2 of 3" in await screen.press("up")
        assert "units 1-" not in await screen.press("right_square_bracket")
        assert "units 1-" in await screen.press("left_square_bracket")


async def test_a_focused_panel_that_has_nothing_to_scroll_walks_too(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=2) as screen:
        await screen.until("Time step 1 of 3")
        screen.tour.query_one("#values").focus()
        await screen.press("down")
        await screen.until("Time step 2 of 3")


async def test_a_wide_screen_shows_more_units(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=2) as screen:
        assert "of 200" in await screen.until("units 1-")
    async with walking(tmp_path, size=WIDE, first_step=2) as screen:
        assert len(re.findall("[░▒▓█]", await screen.until("░▒▓█+"))) == 4 + 2 * 200


async def test_words_that_do_not_fit_scroll(tmp_path: Path) -> None:
    async with walking(tmp_path, size=(80, 18)) as screen:
        before = screen.text
        after = await screen.press("down", "down")
        assert before != after


async def test_a_step_that_computes_says_so_and_can_be_left(tmp_path: Path) -> None:
    steps = Steps(may_end=False)
    async with walking(tmp_path, steps, first_step=3) as screen:
        assert "50% done" in await screen.until("computing 50 %")
        await screen.press("right")
        assert "4 of 5" in screen.text
        steps.may_end.set()
        await screen.until("✓ z is 8")
        await screen.press("left")
        await screen.until("✓ equals nn.LSTM")
        assert "computing" not in screen.text
        assert steps.computed == [2, 3]


async def test_a_quiz_hides_the_answers_until_enter(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=4, size=WIDE, is_quiz=True) as screen:
        text = await screen.until(r"What is z\? Enter shows the answer")
        assert not [secret for secret in SECRETS if secret in text]
        assert "2 x + 3 y" in text
        assert "⏎ Answer" in text
        assert "Hidden: these values answer the question." in " ".join((await screen.press("down")).split())
        text = await screen.press("up", "enter")
        assert [secret for secret in SECRETS if secret in text] == list(SECRETS)
        assert "⏎ Answer" not in text
        assert "✓ equals nn.LSTM" in await screen.press("home")


async def test_the_words_that_answer_are_seen_at_once_where_the_words_must_be_scrolled(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=4, size=(80, 18), is_quiz=True) as screen:
        assert "6.125" in await screen.press("enter")


async def test_the_text_of_a_step_in_a_quiz_asks_and_promises_nothing(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=4, size=WIDE, is_quiz=True) as screen:
        text = await screen.press("t")
        assert "Step 4 of 5: An answer" in text
        assert "Question: What is z?" in text
        assert "at the end" not in text
        assert not [secret for secret in SECRETS if secret in text]
        text = await screen.press("escape", "enter", "t")
        assert "Question" not in text
        assert "z is 8" in text


async def test_the_next_tour_begins_where_this_one_was_left(tmp_path: Path) -> None:
    async with walking(tmp_path) as screen:
        await screen.press("right", "right", "right")
    assert read_bookmark(tmp_path / "tour.json") == Bookmark(step=4, seen=(1, 2, 3, 4))
    async with walking(tmp_path) as screen:
        assert "4 of 5" in screen.text
    async with walking(tmp_path, first_step=2) as screen:
        assert "2 of 5" in screen.text


async def test_a_place_beyond_the_last_step(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=99) as screen:
        assert "5 of 5" in screen.text


def test_a_damaged_bookmark_is_the_beginning(tmp_path: Path) -> None:
    file = tmp_path / "home" / "tour.json"
    assert read_bookmark(file).step == 1
    write_bookmark(file, Bookmark().at(7))
    assert read_bookmark(file) == Bookmark(step=7, seen=(7,))
    file.write_bytes(b'{"step": "x"')
    assert read_bookmark(file).step == 1
    file.write_bytes(b'{"step": -3}')
    assert read_bookmark(file).step == 1


async def test_the_text_of_a_step_and_its_lines_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with walking(tmp_path, first_step=2) as screen:
        text = await screen.press("t")
        assert "Step 2 of 5: A cell" in text
        assert "Step 2 of 5" not in await screen.press("escape")
        assert "Copied, and saved to" in await screen.press("y")
    [saved] = tmp_path.glob("ptbterm-*.py")
    assert saved.read_text().splitlines()[0] == "c84 = f * c + i * j"


async def test_in_ascii(tmp_path: Path) -> None:
    async with walking(tmp_path, symbols=ASCII, first_step=2) as screen:
        text = await screen.until('Time step 1 of 3: "word1"')
        assert ".460 .:+# .540" in text
        assert "!= word types" in text
        assert "up, down time step, [ ] units" in await screen.until("units")
        await screen.press("end")
        assert "1 issue" in screen.text


async def test_help_lists_the_keys(tmp_path: Path) -> None:
    async with walking(tmp_path) as screen:
        text = await screen.press("question_mark")
        assert "Other units of the heat maps" in text
        assert "Esc closes" in text, text


async def test_a_corpus_that_can_not_be_used(tmp_path: Path) -> None:
    def load() -> Lessons:
        raise PtbtermError("The training text has 12 words.", "Give more.")

    app = PtbtermApp(TourScreen(load, tmp_path / "tour.json"))
    async with app.run_test() as pilot:
        for _ in range(50):
            if app.return_code is not None:
                break
            await pilot.pause(0.02)
    assert app.return_code == 1


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


# Any words, in any room.

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
