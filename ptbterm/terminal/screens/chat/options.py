"""A form with a field for each option of the ranking; changes apply at once."""

from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.validation import Number
from textual.widgets import Checkbox, Input, Label

from ptbterm.inference.answer import AnswerOptions

CHOICES = {
    "hide_unknown": "hide unknown words, rescale the rest",
    "cache": "cache: favor words of this text",
    "this_sentence": "use only this sentence as context",
    "ghost": "ghost text: a gray suggestion",
    "shading": "shade words by surprisal",
}


class BracketCheckbox(Checkbox):
    """A box with a mark only when it is checked: Textual's own differs by color alone."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")


class OptionsForm(Vertical):
    """Fields for all options."""

    class Changed(Message):
        """An option was changed."""

        def __init__(self, options: AnswerOptions) -> None:
            super().__init__()
            self.options = options

    def __init__(self, options: AnswerOptions) -> None:
        super().__init__(classes="options")
        self.options = options

    def compose(self) -> ComposeResult:
        """Show a field for each option."""
        options = self.options
        with Horizontal(classes="numbers"):
            yield Label("temperature ")
            yield Input(f"{options.temperature:g}", id="temperature", validators=Number(0, 100), compact=True)
            yield Label("candidates ")
            yield Input(
                f"{options.candidates}",
                id="candidates",
                type="integer",
                validators=Number(1, 10_000),
                compact=True,
            )
        for name, label in CHOICES.items():
            yield BracketCheckbox(label, getattr(options, name), id=name, compact=True)

    def set_options(self, options: AnswerOptions) -> None:
        """Set the fields to these options."""
        self.query_one("#temperature", Input).value = f"{options.temperature:g}"
        self.query_one("#candidates", Input).value = f"{options.candidates}"
        for name in CHOICES:
            self.query_one(f"#{name}", BracketCheckbox).value = getattr(options, name)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Use a valid number; ignore others."""
        event.stop()
        if event.validation_result is not None and event.validation_result.is_valid:
            kind = float if event.input.id == "temperature" else int
            self._change(str(event.input.id), kind(event.value))

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Use a checked or unchecked box."""
        event.stop()
        self._change(str(event.checkbox.id), event.value)

    def _change(self, name: str, value: object) -> None:
        changes: dict[str, Any] = {name: value}
        self.options = replace(self.options, **changes)
        self.post_message(self.Changed(self.options))
