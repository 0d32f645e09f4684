"""The tour as people use it: keys and what they show. The steps are made up here."""

import re
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.terminal.walking import (
    NARROW,
    WIDE,
    Steps,
    walking,
)


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
        await screen.press("right", shows="5 of 5  The end")
        await screen.press("space", shows="5 of 5  The end")
        await screen.press("left", shows="4 of 5")
        await screen.press("home", "space", shows="2 of 5")
        await screen.press("backspace", "backspace", shows="1 of 5")
        await screen.press("end", shows="5 of 5")


async def test_go_to_a_step_by_its_number(tmp_path: Path) -> None:
    async with walking(tmp_path) as screen:
        await screen.press("g", shows="Go to step (1 to 5, Enter): _")
        await screen.press("4", "enter", shows="4 of 5  An answer")
        await screen.press("g", "9", "enter", "escape", shows="4 of 5")


async def test_the_list_ticks_the_steps_seen(tmp_path: Path) -> None:
    async with walking(tmp_path) as screen:
        await screen.press("right", "o")
        options = screen.pilot.app.screen.query_one(OptionList).options
        ticked = [str(option.prompt).startswith("✓") for option in options]
        assert ticked == [True, True, False, False, False]
        await screen.press("down", "down", "enter", shows="4 of 5")


async def test_time_steps_and_units(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=2) as screen:
        text = await screen.until("Time step 1 of 3: “word1”")
        assert "gates    .460 ░▒▓█ .540" in text
        assert re.search(r"input  i [░▒▓█]+ +\.501 \.461 \.541", text)
        assert "↑↓ time step · [ ] units 1-" in await screen.until("units")
        await screen.press("down", "down", "down", shows="Time step 3 of 3")
        await screen.press("up", shows="Time step 2 of 3")
        assert "units 1-" not in await screen.press("right_square_bracket")
        await screen.press("left_square_bracket", shows="units 1-")


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
