"""The chat in a real pseudo-terminal: the bytes that terminals send for keys and pastes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal

pytestmark = pytest.mark.process


BACKSPACE, TAB, CTRL_Q, CTRL_T, CTRL_U, CTRL_Z, F2, F3 = (
    "\x7f",
    "\t",
    "\x11",
    "\x14",
    "\x15",
    "\x1a",
    "\x1bOQ",
    "\x1bOR",
)


def pasted(text: str) -> str:
    """What a terminal sends for a paste."""
    return f"\x1b[200~{text}\x1b[201~"


@pytest.fixture
def chat(home: Path, tiny_run: Path) -> Iterator[Terminal]:
    """A chat with a trained model, ready, 80 x 24."""
    terminal = Terminal(home, "chat", "tiny")
    terminal.until(r"entropy \d")
    yield terminal
    terminal.child.close(force=True)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("thx\x7fe ", "the"),
        ("comx\x7f\x7f\x7f\x7fthe ", "the"),
        ("ab\x1b[Dc", "acb"),
        ("ab\x01c", "cab"),
        ("the company\x17shares", "the shares"),
        (f"the co{CTRL_U}its ", "its"),
        ("the co\x0cits ", "its"),
        ("the company\rits ", "its"),
    ],
)
def test_keys_that_arrive_together_act_in_their_order(chat: Terminal, keys: str, text: str) -> None:
    """A slow line sends many in one piece."""
    chat.press(keys)
    chat.until(rf"(?m)^┃ {text} *┃$", seconds=10)


def test_typing_completing_deleting_and_leaving(chat: Terminal) -> None:
    chat.press("the c")
    chat.until("Words that begin with “c”")
    chat.press(TAB)
    chat.until(r"(?m)read as ⏎ the company$")
    chat.press("s")
    chat.until("Words that begin with “s”")
    chat.press(BACKSPACE)
    chat.until("Next word")
    chat.press(CTRL_T)
    chat.press("1")
    chat.until(r"read as ⏎ the company \S+")
    chat.press(CTRL_Z)
    chat.until(r"(?m)read as ⏎ the company$")
    chat.press(CTRL_U)
    chat.until(r"(?m)read as ⏎\s*$")
    chat.press(CTRL_Q)
    code, _ = chat.end()
    assert code == 0


def test_a_paste_of_a_long_text_with_wide_and_control_characters_and_markup(chat: Terminal) -> None:
    chat.press(pasted("the company said its shares rose\r\n" * 200 + "漢字 \x07\x9b31m\u202e [red]x[/] "))
    chat.until("Dropped 3 control characters")
    chat.press(F3)
    text = chat.until("entropy")
    assert "漢" in text
    assert re.search(r"\[red\]x\[/\]", text)
    assert "\u202e".encode() not in chat.raw
    assert "\x9b".encode() not in chat.raw


def test_a_key_that_arrives_in_two_writes_is_not_a_digit_and_text_is_never_lost(chat: Terminal) -> None:
    chat.press("\x1b")
    chat.press("1 the ")
    chat.until(r"read as ⏎ (N|\(¡\)|‹unk›) the")


def test_options_in_a_dialog(chat: Terminal) -> None:
    chat.press(F2)
    chat.until(r"\[ \] cache")
    for key in [TAB, TAB, TAB, " "]:
        chat.press(key)
        chat.read()
    chat.until(r"\[x\] cache")
    chat.press("\x1b")
    chat.until("0-4")
    chat.press("the ")
    chat.until("read as ⏎ the")


def test_without_a_model_the_demo_is_offered_and_may_be_declined(home: Path) -> None:
    terminal = Terminal(home, "chat")
    terminal.until("Train one on the demo corpus")
    terminal.press("n\r")
    code, text = terminal.end()
    assert code == 1
    assert "ptbterm train --preset demo" in text.replace("\n", "")


@pytest.mark.slow
def test_the_demo_is_trained_on_the_dashboard_and_the_chat_opens(home: Path) -> None:
    terminal = Terminal(home, "chat")
    terminal.until("Train one on the demo corpus")
    terminal.press("\r")
    terminal.until("words/s")
    terminal.until(r"entropy \d", seconds=600)
    terminal.press("this is an ")
    terminal.until("read as ⏎ this is an")
    terminal.press(CTRL_Q)
    assert terminal.end()[0] == 0
