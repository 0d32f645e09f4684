"""The chat as people use it: keys, and the ranked words that follow them; a real model answers."""

import re

import pytest

from ptbterm.inference.completion import Completer
from tests.terminal.chatting import NARROW, WIDE, Slow, chatting


async def test_every_key_updates_the_ranking(completer: Completer) -> None:
    async with chatting(completer) as screen:
        assert "chat  tiny · test 17.62 (stream) · letters" in screen.text
        assert "Next word" in screen.text
        assert "Words that begin with “c”" in await screen.type("the c")
        assert re.search(r"▸ 1 company", screen.text)
        assert "read as ⏎ the c…" in screen.text
        assert "Next word" in await screen.type("ompany ")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_tab_takes_the_highlighted_word(completer: Completer, size: tuple[int, int]) -> None:
    async with chatting(completer, size) as screen:
        await screen.type("the comp")
        await screen.press("tab")
        assert screen.typed == "the company "


async def test_the_highlight_moves_and_enter_takes_it(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.press("down")
        second = screen.chat.answer.candidates[screen.chat._chosen or 0].word
        assert re.search(rf"▶ \d {re.escape(second)}", screen.text)
        await screen.press("enter")
        assert screen.typed in {f"{second} ", "\n"}


async def test_a_digit_takes_a_word_only_after_ctrl_t(completer: Completer) -> None:
    async with chatting(completer) as screen:
        third = screen.chat.answer.candidates[2].word
        await screen.press("ctrl+t", "3")
        assert screen.typed == ("\n" if third == "<eos>" else f"{third} ")
        await screen.press("3")
        assert screen.typed.endswith("3")


async def test_enter_ends_a_sentence_and_not_an_empty_one(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.press("enter")
        assert screen.typed == ""
        await screen.type("the company\n")
        assert screen.typed == "the company\n"
        await screen.press("enter")
        assert screen.typed == "the company\n"


async def test_right_takes_the_ghost_at_the_end_and_moves_elsewhere(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("the c")
        text = await screen.until_ghost()
        ghost = screen.chat.answer.ghost
        assert ghost[0] == "ompany"
        assert f"the company {' '.join(ghost[1:])}" in text
        await screen.press("right")
        assert screen.typed == "the company "
        await screen.until_ghost()
        await screen.press("left", "left")
        assert screen.chat.context.suggestion == ""
        await screen.press("right")
        assert screen.typed == "the company "


async def test_a_ghost_of_another_text_is_never_taken(completer: Completer) -> None:
    async with chatting(Slow(completer)) as screen:
        await screen.type("the c")
        await screen.until_ghost()
        await screen.pilot.press("backspace", "s", "right")
        assert screen.typed == "the s"


async def test_the_table_of_words_and_bits(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("The zebra ")
        text = await screen.press("f3")
        assert re.search(r"The +\d+\.\d\d +\d+ +\d\.\d\d", text)
        assert re.search(r"zebra +\d+\.\d\d\*", text)
        await screen.press("f3", shows="Next word")


async def test_a_new_context_and_the_one_before(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("the company")
        await screen.press("ctrl+l")
        assert screen.typed == ""
        await screen.type("this")
        await screen.press("ctrl+up")
        assert screen.typed == "the company"
        await screen.press("ctrl+down")
        assert screen.typed == "this"


async def test_undo_brings_a_context_back(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("the company")
        await screen.press("ctrl+l", "ctrl+z")
        assert screen.typed == "the company"


async def test_ctrl_c_copies_the_selection(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("the company")
        await screen.press("ctrl+shift+left", "ctrl+c")
        assert screen.pilot.app.clipboard == "company"
        text = await screen.press("end", "ctrl+c")
        assert "Press ctrl+c again to leave." in text  # and nothing about a training: none runs
