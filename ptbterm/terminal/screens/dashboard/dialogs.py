"""Dialogs of the dashboard: the question before a stop, and the list of runs."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.safe_text import visible

CLOSING: list[BindingType] = [Binding("escape,q", "dismiss", "Close")]


class StopQuestion(ModalScreen[bool]):
    """Asks whether to stop the training; only `y` does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Stop"),
        Binding("enter,n,escape,q", "answer(False)", "Keep training"),
    ]

    def compose(self) -> ComposeResult:
        """Show the question and both answers."""
        answers = "y  stop; ptbterm resume continues from there\nn  keep training"
        yield Static(Content(f"Stop after the current window and save?\n\n{answers}"), classes="dialog")

    def action_answer(self, stop: bool) -> None:  # noqa: FBT001
        """Return the answer to the caller."""
        self.dismiss(stop)


class RunList(ModalScreen[str | None]):
    """Runs to choose from, and when each was last active; returns the name of one."""

    BINDINGS: ClassVar[list[BindingType]] = CLOSING

    def __init__(self, runs: list[tuple[str, str]]) -> None:
        super().__init__()
        self._runs = runs

    def compose(self) -> ComposeResult:
        """Show one run per line, with its state."""
        rows = columns([(visible(name), active) for name, active in self._runs], right=2)
        names = (name for name, _ in self._runs)
        options = (Option(Content(row), id=name) for row, name in zip(rows, names, strict=True))
        yield OptionList(*options, classes="dialog")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the run's name."""
        self.dismiss(event.option.id)
