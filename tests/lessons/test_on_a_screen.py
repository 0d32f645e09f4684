"""Every step of a real tour on a real screen: nothing that matters is cut at 80 x 24, and no word is too long."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ptbterm.lessons.subject import Subject
from ptbterm.lessons.tour import LESSONS, Tour
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.plain import check_lines
from ptbterm.terminal.screens.tour.screen import TourScreen
from ptbterm.terminal.text.lines import plain_text, width
from ptbterm.terminal.widgets.panel import Panel
from tests.lessons.subjects import encode, fresh
from tests.terminal.piloted_screen import screen_text

pytestmark = pytest.mark.process  # trains the models of two tours

STEPS = range(1, len(LESSONS) + 1)
LONG, WIDE = "antidisestablishmentarianism" * 6, "漢字仮名交じり文" * 12


@pytest.fixture(scope="module")
def of_odd_words(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """A tour of a text whose words are longer than a screen, or as wide as one."""
    folder = tmp_path_factory.mktemp("odd")
    place = folder / ("x" * 200)
    place.mkdir()
    sentences = [f"the {LONG} said {WIDE} rose", f"{WIDE} {LONG} e\u0301 ≈ “quoted”", "this is an \\x1b[31m [red]"]
    for split, repeats in {"train": 100, "valid": 3, "test": 3}.items():
        (place / f"{split}.txt").write_text("\n".join(sentences * repeats) + "\n", encoding="utf-8")
    return fresh(folder, encode(place, folder / "ids"))


@asynccontextmanager
async def walking(
    subject: Subject, folder: Path, size: tuple[int, int], *, is_quiz: bool = False
) -> AsyncIterator[tuple[TourScreen, Pilot[None]]]:
    walk = Tour(subject)
    tour = TourScreen(lambda: walk, folder / "tour.json", first_step=1, is_quiz=is_quiz)
    async with PtbtermApp(tour).run_test(size=size) as pilot:
        yield tour, pilot


async def at(tour: TourScreen, pilot: Pilot[None], step: int) -> str:
    """Go to a step, wait until it is computed and drawn, and return the screen."""
    tour.show_step(step)
    async with asyncio.timeout(120):
        while tour.step != step or tour.page is None or tour.page.progress is not None:
            await pilot.pause(0.02)
            tour.show_step(step)
    before = ""
    while (text := screen_text(pilot.app)) != before:
        before = text
        await pilot.pause(0.05)
    return text


async def test_at_80_x_24_nothing_that_matters_is_cut(on_demo: Subject, tmp_path: Path) -> None:
    async with walking(on_demo, tmp_path, (80, 24)) as (tour, pilot):
        for step in STEPS:
            text = await at(tour, pilot, step)
            assert tour.page is not None
            for check in check_lines(tour.page.checks, tour.symbols, 76):
                assert plain_text(check) in text, (step, text)
            first, *_ = tour.page.code[0].lines
            assert first[1][:50] in text, step
            for key in ("←→ Step", "g Go to", "? Help", "q Leave"):
                assert key in text, (step, text)
            assert ("Tab Panel" in text) == needs_tab(tour), (step, text)
        assert "c = f * c + i * j" in await at(tour, pilot, 4)


def needs_tab(tour: TourScreen) -> bool:
    """Whether something does not fit that up and down do not bring."""
    assert tour.page is not None
    panels = [tour.query_one(f"#{name}", Panel) for name in ("words", "values", "code", "checks")]
    cut = [panel.id for panel in panels if len(panel._lines) > panel.scrollable_content_region.height]
    by_arrows = [] if len(tour.page.frames) > 1 else [name for name in cut if name in ("words", "values")][:1]
    return cut != by_arrows


async def test_what_is_cut_is_reached_by_tab_and_arrows(on_demo: Subject, tmp_path: Path) -> None:
    async with walking(on_demo, tmp_path, (80, 24)) as (tour, pilot):
        for step in STEPS:
            await at(tour, pilot, step)
            for name in ("words", "values", "code"):
                panel = tour.query_one(f"#{name}", Panel)
                if not panel.max_scroll_y:
                    continue
                while tour.focused is not panel:
                    await pilot.press("tab")
                await pilot.press("down")
                assert panel.scroll_offset.y == 1, (step, name)
                await pilot.press("up")
            tour.set_focus(None)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_no_word_is_too_long_or_too_wide(
    of_odd_words: Subject, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with walking(of_odd_words, tmp_path, size) as (tour, pilot):
        for step in STEPS:
            await at(tour, pilot, step)
            assert tour.page is not None
            for _ in tour.page.frames[:5]:
                for panel in tour.query(Panel):
                    room = panel.scrollable_content_region.width
                    assert max(map(width, panel._lines)) <= room, (step, panel.id)
                text = screen_text(pilot.app)
                assert len(text.splitlines()) == size[1]
                await pilot.press("down", "right_square_bracket")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_truncated_row_is_marked(on_demo: Subject, tmp_path: Path, size: tuple[int, int]) -> None:
    """On the demo corpus, whose words are of a usual length, no value is shortened at all."""
    async with walking(on_demo, tmp_path, size) as (tour, pilot):
        for step in STEPS:
            await at(tour, pilot, step)
            values = tour.query_one("#values", Panel)._lines
            assert not [each for each in map(plain_text, values) if re.search(r"\w…", each)], step
