"""The panel of the epochs: keys and the mouse choose one of them."""

from collections.abc import Callable
from typing import Any

from textual.message import Message

from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.screens.dashboard.epochs import epoch_lines
from ptbterm.terminal.text.lines import Line
from ptbterm.terminal.text.symbols import Symbols
from ptbterm.terminal.widgets.panel import Panel


class EpochPanel(Panel):
    """Draws the epochs of `snapshot()`; `chosen` is the number of one, 0 before any was chosen."""

    class Chosen(Message):
        """The mouse chose an epoch."""

    def __init__(self, snapshot: Callable[[], RunSnapshot], symbols: Symbols, **panel: Any) -> None:
        super().__init__(self._epoch_lines, **panel)
        self._snapshot, self._symbols = snapshot, symbols
        self.chosen = 0

    def _epoch_lines(self, _cells: int, _rows: int) -> list[Line]:
        return epoch_lines(self._snapshot(), self._symbols, self.chosen if self.has_focus else None)

    def on_panel_moved(self, event: Panel.Moved) -> None:
        """Choose the epoch above or below; the newest at first."""
        numbers = sorted(self._snapshot().state.epochs)
        if not numbers:
            return
        place = numbers.index(self.chosen) + event.rows if self.chosen in numbers else -1
        self.chosen = numbers[max(0, min(place, len(numbers) - 1))] if place >= 0 else numbers[-1]
        self.redraw()

    def on_panel_clicked(self, event: Panel.Clicked) -> None:
        """Choose the epoch below the mouse; the heading is row 0."""
        numbers = sorted(self._snapshot().state.epochs)
        if event.row - 1 in range(len(numbers)):
            self.chosen = numbers[event.row - 1]
            self.post_message(self.Chosen())
