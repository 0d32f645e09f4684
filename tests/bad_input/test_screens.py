"""Hostile texts on the screens: shown as they are, and never obeyed, nor read as markup."""

from pathlib import Path

import pytest
from textual.app import App
from textual.events import Paste

from ptbterm.errors import PtbtermError
from ptbterm.inference.completion import Completer
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.answer_worker import AnsweringModel
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.screen import ChatScreen
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.screens.dashboard.watcher import Pace
from ptbterm.terminal.text.safe_text import HARMLESS, visible
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.bad_input.hostile import NAME, WORDS, harmless, hostile_run
from tests.terminal.piloted_screen import screen_text

SIZE = (200, 60)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(hostile_run(tmp_path_factory.mktemp("evil") / "home"))


def shown(app: App[None]) -> str:
    """What is on the screen; fails if anything of it would act on a terminal."""
    text = screen_text(app)
    assert harmless(text, but="\n")
    return text


@pytest.mark.parametrize("symbols", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_every_panel_of_the_dashboard(evil: Run, symbols: Symbols) -> None:
    app = PtbtermApp(DashboardScreen(WatchedRun(evil), Pace(0.05, 0.1, 0.1), symbols))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        seen = ""
        for key in ["1", "2", "3", "4", "5", "6", "6", "z", "o", "escape", "question_mark", "escape"]:
            await pilot.press(key)
            await pilot.pause(0.1)
            seen += shown(app)
    for text in ("[red]", r"evil\x1b[31m[red]", "[/red]", r"\x9b2J"):
        assert text in seen


async def test_the_chat(evil: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    completer = Completer(load_run(evil).predictor)
    chat = ChatScreen(ModelInfo(NAME, NAME, 19, "test 17.6 (stream)"), lambda: completer)
    app = PtbtermApp(chat)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.pause(0.3)
        for text in ["[", "[/", "[red] [/red]", "[@click=app.quit]x[/]", "[x] " + " ".join(WORDS)]:
            chat.context.post_message(Paste(text))
            await pilot.pause(0.05)
            assert text.split()[0] in shown(app)
            await pilot.press("ctrl+l")
        chat.context.post_message(Paste(" ".join([*WORDS, ""])))
        for key in ("f3", "f4", "f4", "f3", "ctrl+o", "enter", "ctrl+o", "down", "enter", "tab"):
            await pilot.press(key)
            await pilot.pause(0.05)
            shown(app)
        assert app.return_code is None
    allowed = HARMLESS | {"\n", "\t"}  # a joiner belongs to its word
    assert all(harmless(table.read_text(), allowed) for table in tmp_path.glob("*.tsv"))
    assert list(tmp_path.glob("*.tsv"))


@pytest.mark.parametrize("text", [NAME, *WORDS, "[/]\n[red]", "a\tb"])
async def test_an_error_ends_a_screen_with_the_text_as_it_is(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def load() -> AnsweringModel:
        raise PtbtermError(f"no {text}", f"do {text}")

    app = PtbtermApp(ChatScreen(ModelInfo("tiny", "letters", 19), load))
    async with app.run_test() as pilot:
        for _ in range(100):
            if app.return_code is not None:
                break
            await pilot.pause(0.02)
    app._print_error_renderables()
    printed = capsys.readouterr().err
    assert harmless(printed)
    assert visible(f"no {text}") in printed.replace("\n", "")
