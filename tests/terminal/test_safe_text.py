"""Text from files and servers can't act on a terminal."""

import json
import unicodedata
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.text.safe_text import plain_json, visible

ACTS: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(st.text(st.characters(categories=ACTS) | st.characters()))
def test_nothing_that_acts_is_left(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(character) for character in shown} & set(ACTS)
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("two\nlines\r\n", r"two\nlines\r\n"),
        ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
        ("\udce9", r"\udce9"),
        ("\U000e0041", r"\U000e0041"),
        ("N % of <unk> 's caf\u00e9 \u4e2d \U0001f600", "N % of <unk> 's caf\u00e9 \u4e2d \U0001f600"),
    ],
)
def test_escapes_are_readable(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(categories=ACTS) | st.characters()))
def test_json_in_ascii_means_the_same(text: str) -> None:
    shown = plain_json(json.dumps({"text": text}, ensure_ascii=False))
    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown) == json.loads(json.dumps({"text": text}))
