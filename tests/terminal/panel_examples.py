"""What the tests of the dashboard's panels share: runs to draw, and their text."""

import unicodedata
from datetime import timedelta
from textwrap import dedent
from typing import Final

from ptbterm.terminal.text.lines import Line, plain_text
from ptbterm.terminal.text.numbers import clock
from tests.terminal.view_examples import (
    NOW,
    TRAINING,
    epoch_finished,
    progress,
)

ACTS: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
TWO_EPOCHS = [*TRAINING, epoch_finished(2, train=150.2, valid=143.3), progress(3, 0.25, 121.0)]


def text_of(lines: list[Line]) -> str:
    return "\n".join(plain_text(line).rstrip() for line in lines)


def drawn(text: str) -> str:
    return dedent(text).strip("\n")


def ends(seconds: float) -> str:
    return clock(NOW + timedelta(seconds=seconds))


def assert_harmless(lines: list[Line]) -> None:
    shown = {letter for line in lines for letter in plain_text(line)}
    assert not {letter for letter in shown if unicodedata.category(letter) in ACTS}
