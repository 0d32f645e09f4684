"""The thread behind the tour: loads the lessons, then computes the step that is shown; leaving a step ends it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from textual.message import Message

from ptbterm.errors import PtbtermError
from ptbterm.lessons.lesson import Page
from ptbterm.terminal.app import LoadFailed


class Lessons(Protocol):
    """The steps of a tour, numbered from 0."""

    titles: Sequence[str]

    @property
    def about(self) -> Sequence[str]:
        """The corpus, the model, the seed."""

    def pages(self, step: int) -> Iterator[Page]:
        """Yield a step's page, preceded by partial pages."""


class LessonWorker:
    """Computes pages; steps are numbered from 1. `post` hands a message to the screen, from any thread."""

    class LessonsLoaded(Message):
        """The lessons are loaded."""

        def __init__(self, lessons: Lessons) -> None:
            super().__init__()
            self.lessons = lessons

    class Computed(Message):
        """A step's page, or the part computed so far."""

        def __init__(self, step: int, page: Page) -> None:
            super().__init__()
            self.step, self.page = step, page

        def can_replace(self, message: Message) -> bool:
            """Allow a newer page of the step to replace one that the screen has not handled yet."""
            return isinstance(message, LessonWorker.Computed) and message.step == self.step

    def __init__(self, load: Callable[[], Lessons], post: Callable[[Message], object]) -> None:
        self._load, self._post = load, post
        self._step = 0
        self._finished: set[int] = set()
        self._wanted = threading.Event()
        self._is_closed = False

    def compute(self, step: int) -> None:
        """Compute a step in place of any other; one that is finished is not computed again."""
        self._step = step
        self._wanted.set()

    def close(self) -> None:
        """End the thread at its next page."""
        self._is_closed = True
        self._wanted.set()

    def run(self) -> None:
        """Load the lessons, then compute until closed: the body of the thread."""
        try:
            lessons = self._load()
            self._post(self.LessonsLoaded(lessons))
            while self._wanted.wait() and not self._is_closed:
                self._wanted.clear()
                self._compute(lessons, self._step)
        except PtbtermError as error:
            self._post(LoadFailed(error))

    def _compute(self, lessons: Lessons, step: int) -> None:
        if step in self._finished:
            return
        for page in lessons.pages(step - 1):
            if self._is_closed:
                return
            self._post(self.Computed(step, page))
            if page.progress is None:
                self._finished.add(step)
            if self._step != step:
                return
