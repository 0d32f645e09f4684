"""The panel of a step's values: one of its frames, with as many units of its heat maps as fit."""

from collections.abc import Callable
from typing import Any

from textual.markup import escape

from ptbterm.lessons.lesson import Frame, Page
from ptbterm.terminal.screens.tour.plain import prose_lines
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.values import frame_lines, units_note, units_per_page
from ptbterm.terminal.text.lines import Line
from ptbterm.terminal.text.symbols import Symbols
from ptbterm.terminal.widgets.panel import Panel

HIDDEN = "Hidden: these values answer the question."


class ValuesPanel(Panel):
    """Draws the values of `page()`; `hides_answers()` says whether a quiz hides some."""

    def __init__(
        self, page: Callable[[], Page | None], hides_answers: Callable[[], bool], symbols: Symbols, **panel: Any
    ) -> None:
        super().__init__(self.value_lines, **panel)
        self._page, self._hides_answers, self._symbols = page, hides_answers, symbols
        self._number = self._first_unit = 0

    @property
    def _frame(self) -> Frame | None:
        page = self._page()
        return page.frames[self._number % len(page.frames)] if page and page.frames else None

    def value_lines(self, cells: int, rows: int) -> list[Line]:
        """Return the values for a size; empty before they are computed."""
        frame = self._frame
        if frame is None:
            return []
        hidden = prose_lines(HIDDEN, self._symbols, cells) if self._hides_answers() else []
        return frame_lines(frame, self._options(cells, rows)) or hidden

    def _options(self, cells: int, rows: int) -> RenderOptions:
        hides = self._hides_answers()
        return RenderOptions(self._symbols, cells, rows, self._first_unit, hides_answers=hides)

    def _own_options(self) -> RenderOptions:
        size = self.scrollable_content_region.size
        return self._options(size.width, size.height)

    def show_first(self) -> None:
        """Go to the first frame and the first unit."""
        self._number = self._first_unit = 0

    def show_title(self) -> None:
        """Show the title of the frame."""
        if frame := self._frame:
            self.border_title = escape(self._symbols.prose(frame.title))

    def show_keys(self) -> None:
        """Show below the values the keys that change them, and which units are shown."""
        frame, page = self._frame, self._page()
        note = units_note(frame, self._own_options()) if frame else ""
        parts = [f"[ ] {note}"] if note else []
        if page and self.count > 1:
            keys = "up, down" if self._symbols.ascii_only else "↑↓"
            parts.insert(0, f"{keys} {page.walk}")
        self.border_subtitle = escape(self._symbols.dot.join(parts))

    @property
    def count(self) -> int:
        """The number of frames."""
        page = self._page()
        return len(page.frames) if page else 0

    def walk(self, by: int) -> None:
        """Go to a later or an earlier frame."""
        self._number = min(max(self._number + by, 0), self.count - 1)

    @property
    def units_at_a_time(self) -> int:
        """How many units of the heat maps fit; 0 where all do."""
        return units_per_page(frame, self._own_options()) if (frame := self._frame) else 0

    def show_units(self, by: int) -> None:
        """Go to the next units of the heat maps, or to the previous ones."""
        self._first_unit = max(self._first_unit + by * self.units_at_a_time, 0)
