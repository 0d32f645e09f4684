"""A screen that asks a model, in a thread; what it asks and shows is up to the screen made from it."""

import threading
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from textual import work
from textual.screen import Screen
from textual.worker import get_current_worker

from ptbterm.errors import PtbtermError
from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.terminal.app import error_message


class Answers(Protocol):
    """Who answers: a completer with a model."""

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        """Return what the model says of a text at a cursor."""

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        """Return how the text of an answer may go on."""


Question = tuple[str, int, AnswerOptions]


class ModelScreen(Screen[None]):
    """Never waits for its model: `load` takes seconds, and an answer may be about an earlier question."""

    def __init__(self, load: Callable[[], Answers]) -> None:
        super().__init__()
        self.answer = Answer("", 0)
        self.is_ready = False
        self._load = load
        self._wanted = threading.Event()
        self._postponed: Callable[[], None] | None = None

    @abstractmethod
    def question(self) -> Question:
        """Return what to ask now: a text, the place of the cursor in it, the options."""

    @abstractmethod
    def show_answer(self) -> None:
        """Show `answer`."""

    def ask(self) -> None:
        """Ask the model what there is to ask now; what waited for an answer to something else is given up."""
        self._postponed = None
        self._question = self.question()
        self._wanted.set()

    def when_answered(self, action: Callable[[], None]) -> None:
        """Do something with the answer to what there is to ask now, as soon as it has come."""
        if self._is_current():
            action()
        else:
            self._postponed = action

    def _is_current(self) -> bool:
        return self.is_ready and self.question() == (self.answer.text, self.answer.cursor, self.answer.options)

    @work(thread=True, exclusive=True)
    def answer_forever(self) -> None:
        """Load the model, then answer whatever is asked last; leave the app where the model can't be loaded."""
        worker = get_current_worker()
        try:
            answers = self._load()
        except PtbtermError as error:
            self.app.call_from_thread(self.app.exit, return_code=1, message=error_message(error))
            return
        while not worker.is_cancelled:
            if self._wanted.wait(0.2):
                self._wanted.clear()
                answer = answers.answer(*self._question)
                self.app.call_from_thread(self._take, answer)
                if answer.options.ghost and not self._wanted.is_set():
                    self.app.call_from_thread(self._take, replace(answer, ghost=answers.ghost(answer)))

    def _take(self, answer: Answer) -> None:
        self.is_ready, self.answer = True, answer
        self.show_answer()
        self.refresh_bindings()
        if self._postponed is not None and self._is_current():
            action, self._postponed = self._postponed, None
            action()
