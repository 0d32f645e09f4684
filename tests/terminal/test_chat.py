"""The chat as people use it: keys, and the ranked words that follow them; a real model answers."""

import re
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from ptbterm.errors import PtbtermError
from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.inference.completion import Completer
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.run import Run
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.answer_worker import AnsweringModel
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.screen import ChatScreen
from tests.terminal.piloted_screen import PilotedScreen

MODEL = ModelInfo("tiny", "letters", 19, "test 17.62 (stream)")
NARROW, WIDE = (80, 24), (120, 36)


@pytest.fixture
def completer(tiny_run: Path) -> Completer:
    return Completer(load_run(Run(tiny_run)).predictor)


class Chatting(PilotedScreen):
    """A chat on a screen."""

    def __init__(self, chat: ChatScreen, pilot: "Pilot[None]") -> None:
        super().__init__(pilot)
        self.chat = chat

    @property
    def typed(self) -> str:
        return self.chat.context.text

    async def type(self, text: str) -> str:
        names = {" ": "space", "'": "apostrophe", "\n": "enter"}
        return await self.press(*(names.get(letter, letter) for letter in text))

    async def press(self, *keys: str) -> str:
        await self.pilot.press(*keys)
        return await self.until_answered()

    async def paste(self, text: str) -> str:
        self.pilot.app.post_message(Paste(text))
        await self.pilot.pause()
        return await self.until_answered()

    async def until_answered(self) -> str:
        for _ in range(100):
            if self.is_answered():
                break
            await self.pilot.pause(0.02)
        await self.pilot.pause(0.05)
        return self.text

    def is_answered(self) -> bool:
        answer = self.chat.answer
        return self.chat.question() == (answer.text, answer.cursor, answer.options)

    async def until_ghost(self) -> str:
        for _ in range(100):
            if self.is_answered() and self.chat.answer.ghost:
                break
            await self.pilot.pause(0.02)
        await self.pilot.pause(0.05)
        return self.text


@asynccontextmanager
async def chatting(
    answers: AnsweringModel, size: tuple[int, int] = NARROW, model: ModelInfo = MODEL
) -> AsyncIterator[Chatting]:
    chat = ChatScreen(model, lambda: answers)
    async with PtbtermApp(chat).run_test(size=size, notifications=True) as pilot:
        for _ in range(100):
            if chat.is_ready and chat.answer.candidates:
                break
            await pilot.pause(0.02)
        yield Chatting(chat, pilot)


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
        assert "Next word" in await screen.press("f3")


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
        assert "Press ctrl+c again to leave" in text


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


class Slow:
    """AnsweringModel late: keys come faster."""

    def __init__(self, completer: Completer) -> None:
        self.completer = completer

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        time.sleep(0.15)
        return self.completer.answer(text, cursor, options)

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        return self.completer.ghost(answer)


async def test_a_word_is_taken_from_the_ranking_of_what_was_typed_not_of_an_earlier_text(
    completer: Completer,
) -> None:
    async with chatting(Slow(completer)) as screen:
        await screen.pilot.press("t", "h", "e", "space", "c", "o", "m", "tab")
        await screen.pilot.pause(0.6)
        await screen.press()
        assert screen.typed == "the company "
