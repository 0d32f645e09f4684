"""The thread behind the chat: loads a model, then answers the newest question; typing never waits for it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Protocol

from textual.message import Message

from ptbterm.errors import PtbtermError
from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.terminal.app import LoadFailed


class AnsweringModel(Protocol):
    """A model that answers: a completer, or a double in a test."""

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        """Return the scores of a text and the ranked words at a cursor."""

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        """Return how the text of an answer may continue."""


class Question(NamedTuple):
    """A text, the place of the cursor in it, and how to rank the words there."""

    text: str
    cursor: int
    options: AnswerOptions

    def is_answered_by(self, answer: Answer) -> bool:
        """Return whether an answer is about this text, cursor and options."""
        return self == (answer.text, answer.cursor, answer.options)


class AnswerWorker:
    """Loads a model by `load`, which takes seconds; `post` hands a message to the screen, from any thread."""

    class Answered(Message):
        """The answer to the newest or an earlier question; a second answer adds the ghost text."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, load: Callable[[], AnsweringModel], post: Callable[[Message], object]) -> None:
        self._load, self._post = load, post
        self._question = Question("", 0, AnswerOptions())
        self._asked = threading.Event()
        self._is_closed = False

    def ask(self, question: Question) -> None:
        """Answer this question instead of any earlier one."""
        self._question = question
        self._asked.set()

    def close(self) -> None:
        """End the thread after the answer that it computes."""
        self._is_closed = True
        self._asked.set()

    def run(self) -> None:
        """Load the model, then answer until closed: the body of the thread."""
        try:
            model = self._load()
        except PtbtermError as error:
            self._post(LoadFailed(error))
            return
        while self._asked.wait() and not self._is_closed:
            self._asked.clear()
            answer = model.answer(*self._question)
            self._post(self.Answered(answer))
            if answer.options.ghost and not self._asked.is_set():
                self._post(self.Answered(replace(answer, ghost=model.ghost(answer))))
