"""The chat in a test, with a real model."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.events import Paste
from textual.pilot import Pilot

from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.inference.completion import Completer
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.answer_worker import AnsweringModel
from ptbterm.terminal.screens.chat.model_info import ModelInfo
from ptbterm.terminal.screens.chat.screen import ChatScreen
from tests.terminal.piloted_screen import PilotedScreen

MODEL = ModelInfo("tiny", "letters", 19, "test 17.62 (stream)")
NARROW, WIDE = (80, 24), (120, 36)


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

    async def press(self, *keys: str, shows: str = "") -> str:
        await self.pilot.press(*keys)
        await self.until(re.escape(shows))
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


class Slow:
    """A completer that answers later than the next keys arrive."""

    def __init__(self, completer: Completer) -> None:
        self.completer = completer

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        time.sleep(0.15)
        return self.completer.answer(text, cursor, options)

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        return self.completer.ghost(answer)
