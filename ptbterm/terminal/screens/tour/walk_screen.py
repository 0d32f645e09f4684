"""A screen that walks through lessons: each is computed in a thread when first shown, and the place remembered."""

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from textual import work
from textual.screen import Screen
from textual.worker import get_current_worker

from ptbterm.errors import PtbtermError
from ptbterm.lessons.lesson import Page
from ptbterm.terminal.app import error_message
from ptbterm.terminal.screens.tour.bookmark import read_bookmark, write_bookmark


class Walk(Protocol):
    """The steps, counted from 0, and what they show."""

    titles: Sequence[str]

    @property
    def about(self) -> Sequence[str]:
        """What is walked: corpus, model, seed."""

    def pages(self, step: int) -> Iterator[Page]:
        """Yield a step's page, and before it what there is by then."""


class WalkScreen(Screen[None]):
    """Shows one step at a time; what of it is up to the screen that is made from it.

    `load` brings the walk, which takes seconds. Some steps take long, too: they can be left, and go on later.
    """

    def __init__(self, load: Callable[[], Walk], bookmark: Path, first_step: int | None) -> None:
        super().__init__()
        self._load = load
        self._bookmark_file, self.bookmark = bookmark, read_bookmark(bookmark)
        self.step = first_step or self.bookmark.step
        self.walk: Walk | None = None
        self._pages: dict[int, Page] = {}
        self._wanted = threading.Event()

    @abstractmethod
    def draw_page(self) -> None:
        """Show what is known of the step."""

    @abstractmethod
    def begin_step(self) -> None:
        """Show a step from its beginning."""

    @property
    def page(self) -> Page | None:
        """What is known of the step."""
        return self._pages.get(self.step)

    def on_mount(self) -> None:
        """Load the walk, then compute what is wanted."""
        self._compute_forever()

    def show_step(self, step: int) -> None:
        """Go to a step, and remember that it was seen."""
        if self.walk is None:
            return
        self.step = min(max(step, 1), len(self.walk.titles))
        self.bookmark = self.bookmark.at(self.step)
        try:
            write_bookmark(self._bookmark_file, self.bookmark)
        except OSError as error:
            self.notify(f"The place can't be kept: {error}", severity="warning", markup=False)
        self.begin_step()
        self._wanted.set()

    @work(thread=True, exclusive=True)
    def _compute_forever(self) -> None:
        worker = get_current_worker()
        try:
            walk = self._load()
            self.app.call_from_thread(self._take_walk, walk)
            while not worker.is_cancelled:
                if self._wanted.wait(0.2):
                    self._wanted.clear()
                    self._compute(walk, lambda: worker.is_cancelled)
        except PtbtermError as error:
            self.app.call_from_thread(self.app.exit, return_code=1, message=error_message(error))

    def _compute(self, walk: Walk, is_cancelled: Callable[[], bool]) -> None:
        """Compute the step that is shown, until it is done or left."""
        step = self.step
        if (known := self.page) and known.progress is None:
            return
        for page in walk.pages(step - 1):
            if is_cancelled():
                return
            self.app.call_from_thread(self._take_page, step, page)
            if self.step != step:
                return

    def _take_walk(self, walk: Walk) -> None:
        self.walk = walk
        self.show_step(self.step)

    def _take_page(self, step: int, page: Page) -> None:
        self._pages[step] = page
        if step == self.step:
            self.draw_page()
