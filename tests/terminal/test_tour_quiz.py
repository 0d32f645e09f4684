"""The tour: quiz, bookmark, copies, help and errors."""

from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.bookmark import Bookmark, read_bookmark, write_bookmark
from ptbterm.terminal.screens.tour.lesson_worker import Lessons
from ptbterm.terminal.screens.tour.screen import TourScreen
from ptbterm.terminal.text.symbols import ASCII
from tests.terminal.walking import WIDE, walking

SECRETS = ("8.125", "z is 8", "6.125")


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
        await screen.press("home", shows="✓ equals nn.LSTM")


async def test_the_words_that_answer_are_seen_at_once_where_the_words_must_be_scrolled(tmp_path: Path) -> None:
    async with walking(tmp_path, first_step=4, size=(80, 18), is_quiz=True) as screen:
        await screen.press("enter", shows="6.125")


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
        await screen.press("y", shows="Copied, and saved to")
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
