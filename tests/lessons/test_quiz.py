"""In a quiz nothing that answers a question is shown before Enter, and all of it after; in each step that asks."""

import asyncio
import math
from pathlib import Path

import pytest

from ptbterm.lessons.lesson import Bars, Block, Page, Table, Text, WordScatter
from ptbterm.lessons.subject import Subject
from ptbterm.lessons.tour import Tour
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.plain import answer_lines, step_lines
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.screen import TourScreen
from ptbterm.terminal.screens.tour.word_map import map_lines
from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.symbols import UNICODE
from tests.lessons.subjects import fresh, last_page, of_a_run
from tests.terminal.piloted_screen import screen_text

pytestmark = pytest.mark.process  # trains

ASKING = (1, 7, 8, 9, 10, 11, 12, 14, 15)
HEADING = "Step"


def blocks(page: Page, frame: int | None = None) -> list[Block]:
    frames = page.frames if frame is None else page.frames[frame : frame + 1]
    return [block for frame in frames for block in frame.blocks]


def rows(page: Page) -> list[tuple[str, ...]]:
    return [row for block in blocks(page) if isinstance(block, Table) for row in block.rows]


def figures(page: Page, title: str = "") -> list[str]:
    return [
        bar.figure
        for block in blocks(page)
        if isinstance(block, Bars) and title in block.title
        for bar in block.bars
    ]


def logits(page: Page) -> list[str]:
    texts = [block.text for block in blocks(page) if isinstance(block, Text)]
    return [text.partition(",")[0].split()[-1] for text in texts]


def answers(subject: Subject, step: int) -> list[str]:
    """Return the answers to the question of a step as displayed: figures, formulas, words at their places."""
    page = last_page(subject, step)
    uniform = math.log(subject.model.vocabulary_size)
    hidden: list[str] = []
    match step:
        case 1:
            hidden = [share for number, _, _, share in (row for row in rows(page) if len(row) == 4)]
        case 7:
            hidden = [*figures(page), *logits(page)]
        case 8:
            cost = dict(row for row in rows(page) if len(row) == 2)["cost"]
            hidden = [cost, f"{float(cost):.1f} ", f"{uniform:.3f}", f"ln {subject.model.vocabulary_size}"]
        case 9:
            hidden = ["8, 10, 3", "4x + 3y", "3x;", "4 x 1 + 3 x 2", "3 x 1"]
        case 10:
            norms = [norm for _, norm, *_ in rows(page)]
            hidden = [
                *norms,
                f"that of {rows(page)[0][0]}",
                "would halve" if subject.trained is None else "Here it is",
            ]
        case 11:
            hidden = [after for _, _, after in (row for row in rows(page) if len(row) == 3)]
        case 12:
            hidden = [page.answer.split()[-1]]
        case 14:
            written = [block.text for block in blocks(page, -1) if isinstance(block, Text)]
            hidden = [*figures(page, "after"), *(text[:40] for text in written if len(text) > 20)]
        case 15:
            (word_map,) = (block for block in blocks(page) if isinstance(block, WordScatter))
            drawn = map(plain_text, map_lines(word_map, RenderOptions(UNICODE, 77, 14)))
            hidden = [after for _, after in rows(page)] + [line.strip() for line in drawn if len(line.split()) > 2]
    return hidden


@pytest.fixture(scope="module", params=["fresh", "small", "fast"])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    if request.param == "fresh":
        return fresh(tmp_path_factory.mktemp("fresh"))
    return of_a_run(tmp_path_factory.mktemp("runs"), request.param, "training.sampled_words=0")


def test_these_steps_ask(subject: Subject) -> None:
    assert tuple(step for step in range(1, 16) if last_page(subject, step).question) == ASKING


@pytest.mark.parametrize("step", ASKING)
def test_answers_are_hidden_in_the_text_and_printed_at_the_end(subject: Subject, step: int) -> None:
    page, secrets = last_page(subject, step), answers(subject, step)
    assert secrets
    look = RenderOptions(UNICODE, 79, 0)
    asked = "\n".join(step_lines(HEADING, page, RenderOptions(UNICODE, 79, 0, hides_answers=True), whole=True))
    assert [secret for secret in secrets if secret in asked] == []
    assert f"Question: {page.question}" in " ".join(asked.split())
    answered = "\n".join(answer_lines(HEADING, page, look, whole=True))
    open_text = "\n".join(step_lines(HEADING, page, look, whole=True))
    for text in (answered, open_text):
        joined = " ".join(text.split())
        assert [secret for secret in secrets if " ".join(secret.split()) not in joined] == []


async def test_answers_are_hidden_on_the_screen_until_enter(on_demo: Subject, tmp_path: Path) -> None:
    walk = Tour(on_demo)
    tour = TourScreen(lambda: walk, tmp_path / "tour.json", first_step=1, is_quiz=True)
    async with PtbtermApp(tour).run_test(size=(120, 36)) as pilot:

        async def settled() -> str:
            before = ""
            while (text := screen_text(pilot.app)) != before:
                before = text
                await pilot.pause(0.05)
            return text

        for step in ASKING:
            secrets = answers(on_demo, step)
            tour.show_step(step)
            async with asyncio.timeout(120):
                while tour.step != step or tour.page is None or tour.page.progress is not None:
                    await pilot.pause(0.02)
                    tour.show_step(step)
            assert "Enter shows the answer" in await settled()
            for _ in tour.page.frames:
                text = await settled()
                assert [secret for secret in secrets if secret in text] == [], step
                await pilot.press("down")
            await pilot.press("t")
            text = await settled()
            assert [secret for secret in secrets if secret in text] == [], step
            await pilot.press("escape", "enter")
            assert "Enter shows the answer" not in await settled()
            seen = ""
            for _ in tour.page.frames:
                seen += await settled()
                await pilot.press("up")
            assert any(secret in seen for secret in secrets), step


def test_no_step_of_the_handout_gives_away_what_another_asks(on_demo: Subject) -> None:
    """The pages lie before the class side by side."""
    asked = ""
    for step in range(1, 16):
        page = last_page(on_demo, step)
        look = RenderOptions(UNICODE, 79, 0, hides_answers=bool(page.question))
        asked += "\n".join(step_lines(HEADING, page, look, whole=False))
    for step in (1, 8, 9, 10, 11, 14, 15):
        assert [secret for secret in answers(on_demo, step) if secret in asked] == [], step
