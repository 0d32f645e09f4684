"""The chat: options, pinned texts, tables, pastes and models that can't be loaded."""

import re
import threading
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.inference.answer import AnswerOptions
from ptbterm.inference.completion import Completer
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.answer_worker import AnsweringModel
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.screen import ChatScreen
from tests.terminal.chatting import MODEL, NARROW, WIDE, Chatting, Slow, chatting


async def test_options_of_the_dialog_are_those_beside_the_text(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.press("f2", "tab", "tab", "space", "escape")
        assert screen.chat.answer.options.hide_unknown
        await screen.pilot.resize_terminal(*WIDE)
        await screen.press("f2", "tab", "tab", "tab", "space")
        assert screen.chat.answer.options.hide_unknown
        assert screen.chat.answer.options.cache


async def test_at_80_columns_the_header_keeps_the_perplexity_and_the_keys_keep_help(
    completer: Completer,
) -> None:
    model = ModelInfo("notebook-ptb-2026-11-25-k3f9", "Penn Treebank", 10_000, "test 115.4 (stream)")
    async with chatting(completer, model=model) as screen:
        assert "notebook-ptb-2026-11-25-k3f9 · test 115.4 (stream)" in screen.text
        assert re.search(r"entropy \d", screen.text)
        assert "^g Help" in screen.text


async def test_the_model_is_loaded_behind_the_screen(completer: Completer) -> None:
    may_load = threading.Event()

    def load() -> Completer:
        may_load.wait()
        return completer

    chat = ChatScreen(MODEL, load)
    async with PtbtermApp(chat).run_test(size=NARROW) as pilot:
        screen = Chatting(chat, pilot)
        await pilot.press("t", "h", "e", "space")
        assert "loading the model..." in screen.text
        assert screen.typed == "the "
        may_load.set()
        assert "read as ⏎ the" in await screen.press()
        assert re.search(r"entropy \d", screen.text)


@pytest.mark.parametrize("end", [" ", ""])
async def test_pinned_and_compared_the_last_word_as_if_it_were_finished(completer: Completer, end: str) -> None:
    async with chatting(completer) as screen:
        await screen.type(f"the company{end}")
        await screen.press("f4", "ctrl+l")
        text = await screen.type(f"the shares{end}")
        assert re.search(r"company +\d+\.\d\d +shares +\d+\.\d\d +[+-]\d+\.\d\d", text)
        assert re.search(r"total +\d", text)


@pytest.mark.parametrize("key", ["f3", "f4"])
async def test_of_a_long_sentence_the_words_at_the_cursor_are_shown(completer: Completer, key: str) -> None:
    async with chatting(completer) as screen:
        await screen.paste("the company said its shares rose " * 3)
        await screen.type("chairman ")
        text = await screen.press(key)
        assert re.search(r"chairman +\d+\.\d\d", text)
        assert re.search(r"\d+-19 of 19", text)


async def test_the_table_follows_the_cursor_to_an_earlier_sentence(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("the company said\nthis is ")
        assert "chairman" not in await screen.press("f3")
        assert re.search(r"this +\d", screen.text)
        assert not re.search(r"company +\d", screen.text)
        assert re.search(r"company +\d", await screen.press("pageup"))


async def test_the_highlight_stays_on_the_screen(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.press(*["down"] * 15)
        place = screen.chat._chosen or 0
        assert place >= 15
        chosen = screen.chat.answer.candidates[place].word
        assert re.search(rf"▶ +{re.escape(chosen.replace('<unk>', '‹unk›').replace('<eos>', '⏎'))}", screen.text)


@pytest.mark.parametrize("key", ["escape", "down", "f3", "f4", "a"])
async def test_any_other_key_ends_the_choice_by_number(completer: Completer, key: str) -> None:
    async with chatting(completer) as screen:
        await screen.press("ctrl+t", key)
        await screen.press("3")
        assert screen.typed.endswith("3")


async def test_a_number_that_no_candidate_has(completer: Completer) -> None:
    async with chatting(completer) as screen:
        await screen.type("the com")
        await screen.press("ctrl+t", "9")
        assert screen.typed == "the com"
        await screen.type("9")
        assert screen.typed == "the com9"


async def test_a_number_before_the_answer(completer: Completer) -> None:
    async with chatting(Slow(completer)) as screen:
        await screen.pilot.press("t", "h", "e", "space", "c", "o", "m", "ctrl+t", "9")
        await screen.pilot.pause(0.6)
        await screen.press()
        assert screen.typed == "the com"
        await screen.pilot.press("backspace", "ctrl+t", "1")
        await screen.pilot.pause(0.6)
        assert screen.typed == "the company "


async def test_copy_saves_a_table(completer: Completer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with chatting(completer) as screen:
        await screen.type("the company")
        await screen.press("ctrl+o", "enter")
    [saved] = tmp_path.glob("ptbterm-*.tsv")
    assert [line.split("\t")[0] for line in saved.read_text().splitlines()] == ["word", "the", "company"]


async def test_options_change_the_ranking_and_not_the_bits(completer: Completer) -> None:
    plain = completer.answer("the company ", 12, AnswerOptions())
    hidden = completer.answer("the company ", 12, AnswerOptions(temperature=0.5, hide_unknown=True))
    assert [word.bits for word in plain.words] == [word.bits for word in hidden.words]
    assert "<unk>" not in {word.word for word in hidden.candidates if word.probability}
    assert plain.candidates != hidden.candidates
    async with chatting(completer) as screen:
        await screen.press("f2")
        assert "temperature" in screen.text


async def test_a_long_paste_with_control_characters_and_wide_ones(completer: Completer) -> None:
    async with chatting(completer) as screen:
        pasted = "the company said its shares rose\r\n" * 200 + "漢字 \x1b[31m\u202e [red]x[/] 🎉 "
        await screen.press("ctrl+l")
        await screen.paste(pasted)
        text = await screen.press("f3")
        assert screen.typed == pasted.replace("\r\n", "\n").replace("\x1b", "").replace("\u202e", "")
        assert "Dropped 2 control characters." in text
        assert "漢字" in text


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\u2028", "\x85"])
async def test_pasted_words_are_never_joined(completer: Completer, line_end: str) -> None:
    async with chatting(completer) as screen:
        await screen.paste(f"shares rose{line_end}the\tcompany")
        assert screen.typed == "shares rose\nthe company"


async def test_a_model_that_can_not_be_loaded(tiny_run: Path) -> None:
    def load() -> AnsweringModel:
        raise PtbtermError("checkpoints/best.safetensors is damaged.")

    app = PtbtermApp(ChatScreen(MODEL, load))
    async with app.run_test() as pilot:
        for _ in range(50):
            if app.return_code is not None:
                break
            await pilot.pause(0.02)
    assert app.return_code == 1


async def test_options_beside_the_text_where_there_is_room(completer: Completer) -> None:
    async with chatting(completer, WIDE) as screen:
        await screen.type("the ")
        assert "Options (F2)" in screen.text
        assert "Words of this sentence (F3)" in screen.text
        await screen.press("f2", "tab", "tab", "space")
        assert screen.chat.answer.options.hide_unknown
        assert "without unknown words" in screen.text
        assert screen.typed == "the "
        await screen.press("escape", "c")
        assert screen.typed == "the c"
        assert "Words of this sentence (F3)" not in await screen.press("f3")


async def test_what_to_copy_is_asked(
    completer: Completer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with chatting(completer) as screen:
        await screen.type("the company ")
        await screen.press("ctrl+o", "down", "enter")
    [saved] = tmp_path.glob("ptbterm-*.tsv")
    assert saved.read_text().splitlines()[0] == "rank\tword\tprobability"


async def test_a_word_is_taken_from_the_ranking_of_what_was_typed_not_of_an_earlier_text(
    completer: Completer,
) -> None:
    async with chatting(Slow(completer)) as screen:
        await screen.pilot.press("t", "h", "e", "space", "c", "o", "m", "tab")
        await screen.pilot.pause(0.6)
        await screen.press()
        assert screen.typed == "the company "
