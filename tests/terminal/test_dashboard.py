"""The dashboard as people use it: the keys that they press, and what the screen then shows."""

import re

import pytest

from ptbterm.runs.run import Run
from tests.terminal.watching import HUGE, NARROW, WIDE, watching


async def test_at_a_glance_in_80_by_24(running: Run) -> None:
    async with watching(running) as screen:
        text = await screen.until("words/s")
        for fact in (
            "small-ptb  ● running  Penn Treebank · cpu, 2 threads",
            "epoch 3 of 4",
            r"60 % \d:\d\d left, \d\d:\d\d",
            r"\[1 Perplexity\] 2 Epochs",
            "── train 105.1   ◆ valid 126.0   ★ best 126.0, epoch 2",
            "┄ TensorFlow small 115.9",
            "9,119 words/s",
            "mean 9,190",
            "rate 0.33   gradient 4.1",
            "this is an …",
            "‹unk› ",
            "q Leave  s Stop…  1-6 Panel  z Zoom  ←→ Inspect  c Chat  ? Help",
        ):
            assert re.search(fact if "\\" in fact else re.escape(fact), text), fact
        assert len(text.splitlines()) == 24
        assert all(len(row) <= 80 for row in text.splitlines())


@pytest.mark.parametrize("size", [WIDE, HUGE])
async def test_two_columns_where_there_is_room(running: Run, size: tuple[int, int]) -> None:
    async with watching(running, size) as screen:
        text = await screen.until("seed 7")
        for panel in ("1 Perplexity", "2 Epochs", "3 Speed", "4 Words"):
            assert panel in text
        assert ("5 Settings" in text) == (size is HUGE)
        assert "4.7 M parameters · seed 7" in text
        assert "it writes “the company said it rose N % ⏎”" in text


@pytest.mark.parametrize(
    ("digit", "shows"),
    [
        ("2", "★ best"),
        ("3", "gradient norm 4.1 (clip 5)"),
        ("4", "it writes"),
        ("5", "vocabulary_size"),
        ("6", "The log is empty"),
    ],
)
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_digit_goes_to_a_panel(running: Run, size: tuple[int, int], digit: str, shows: str) -> None:
    async with watching(running, size) as screen:
        await screen.press(digit)
        await screen.until(re.escape(shows))


async def test_the_same_digit_again_zooms_and_restores(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        await screen.press("2", shows="3 Speed")
        assert "3 Speed" not in await screen.press("2")
        await screen.press("2", shows="3 Speed")


async def test_zoom_hide_and_show_all(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        assert "2 Epochs" not in await screen.press("z")
        await screen.press("escape", shows="2 Epochs")
        text = await screen.press("4", "x")
        assert "4 Words" not in text
        assert "3 Speed" in text
        await screen.press("0", shows="4 Words")


async def test_inspection_walks_along_the_curve(running: Run) -> None:
    async with watching(running) as screen:
        await screen.press("left", shows="epoch 2.38  train 105.1  9,119 words/s  rate 0.33")
        await screen.press("left", shows="epoch 2.36")
        await screen.press("shift+left", shows="epoch 2.16")
        await screen.press("home", shows="epoch 0.00")
        await screen.press("right", shows="epoch 0.02")
        await screen.press("end", shows="epoch 2.38")
        await screen.press("escape", shows="★ best")


async def test_the_mouse_inspects_the_nearest_point(running: Run) -> None:
    async with watching(running) as screen:
        await screen.pilot.click("#perplexity", offset=(9 + 35, 5))
        await screen.until(r"epoch 1\.9\d|epoch 2\.0\d")


async def test_enter_inspects_the_end_of_an_epoch(running: Run) -> None:
    async with watching(running) as screen:
        await screen.press("2", "down", shows="▸   2")
        await screen.press("up", shows="▸   1")
        await screen.press("enter", shows="epoch 1.00")


async def test_span_axis_and_guides(running: Run) -> None:
    async with watching(running) as screen:
        assert "log axis" in screen.text
        await screen.press("l", shows="linear axis")
        assert "TensorFlow small" not in await screen.press("g")
        await screen.press("e", "e")
        await screen.until(r"┬2\.2")


async def test_help_lists_the_keys_that_the_screen_has(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        text = await screen.press("question_mark")
        for what in ("Stop training after the current window and save", "Ten points at once", "Save a picture"):
            assert what in text
        assert "Stop training after" not in await screen.press("escape")


async def test_the_palette_has_the_actions_and_the_themes(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        for word, finds in (("references", "Published results"), ("theme", "Change the colors")):
            await screen.press("ctrl+p", *word)
            await screen.until(finds)
            await screen.press("escape")
