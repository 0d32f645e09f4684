"""What opens over the chat: its options."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.validation import Number
from textual.widgets import Checkbox, Input, Label

from ptbterm.terminal.chat.answer import Options


class OptionsDialog(ModalScreen[None]):
    """Options of the ranking; each change shows at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2", "dismiss", "Close"),
    ]

    def __init__(self, options: Options, on_change: Callable[[Options], None]) -> None:
        super().__init__()
        self._options, self._on_change = options, on_change

    def compose(self) -> ComposeResult:
        """Show a field an option."""
        options = self._options
        with Vertical(classes="dialog options"):
            yield Label("Temperature (0: the likeliest takes all)")
            yield Input(f"{options.temperature:g}", id="temperature", validators=Number(0, 100))
            yield Label("Candidates")
            yield Input(f"{options.candidates}", id="candidates", type="integer", validators=Number(1, 10_000))
            yield Checkbox("Hide unknown words and share their mass out", options.hide_unknown, id="hide_unknown")
            yield Checkbox("Ghost text", options.ghost, id="ghost")
            yield Label("Esc closes")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take a number that is one."""
        if event.validation_result is None or not event.validation_result.is_valid:
            return
        if event.input.id == "temperature":
            self._change(replace(self._options, temperature=float(event.value)))
        else:
            self._change(replace(self._options, candidates=int(event.value)))

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Take a choice."""
        if event.checkbox.id == "ghost":
            self._change(replace(self._options, ghost=event.value))
        else:
            self._change(replace(self._options, hide_unknown=event.value))

    def _change(self, options: Options) -> None:
        self._options = options
        self._on_change(options)
