"""Dialogs of the chat: its options in one column, and the choice of a table to copy."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList

from ptbterm.inference.answer import AnswerOptions
from ptbterm.terminal.screens.chat.options import OptionsForm


class OptionsDialog(ModalScreen[None]):
    """The options of the ranking."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f2", "dismiss", "Close")]

    def __init__(self, options: AnswerOptions, on_change: Callable[[AnswerOptions], None]) -> None:
        super().__init__()
        self._options, self._on_change = options, on_change

    def compose(self) -> ComposeResult:
        """Show the form."""
        with Vertical(classes="dialog"):
            yield OptionsForm(self._options)
            yield Label("Tab moves, Space toggles, Esc closes")

    def on_options_form_changed(self, event: OptionsForm.Changed) -> None:
        """Pass the options on."""
        self._on_change(event.options)


class CopyDialog(ModalScreen[str | None]):
    """Asks which table to copy; returns its name."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = names

    def compose(self) -> ComposeResult:
        """Show a line for each table."""
        names = OptionList(*self._names, classes="dialog")
        names.border_title = "Copy, and save as a file"
        yield names

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the table's name."""
        self.dismiss(self._names[event.option_index])
