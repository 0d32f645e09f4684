"""Dialogs of the tour: the number of a step, the list of steps, a step as text."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

CLOSING: list[BindingType] = [Binding("escape,q", "dismiss", "Close")]


class StepNumber(ModalScreen[int | None]):
    """Takes the digits of a step's number, also those typed before it is drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(f"{digit}", f"add({digit})", show=False) for digit in range(10)),
        Binding("backspace", "remove", show=False),
        Binding("enter", "go", "Go"),
        *CLOSING,
    ]
    number = reactive("")

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def compose(self) -> ComposeResult:
        """Make the line for the digits."""
        yield Static(classes="dialog")

    def on_mount(self) -> None:
        """Show the question."""
        self.watch_number(self.number)

    def watch_number(self, number: str) -> None:
        """Show the digits."""
        for shown in self.query(Static):
            shown.update(Content(f"Go to step (1 to {self._count}, Enter): {number}_"))

    def action_add(self, digit: int) -> None:
        """Add a digit."""
        self.number = f"{self.number}{digit}"[-2:]

    def action_remove(self) -> None:
        """Remove the last digit."""
        self.number = self.number[:-1]

    def action_go(self) -> None:
        """Return the number if there is such a step."""
        if 1 <= int(self.number or 0) <= self._count:
            self.dismiss(int(self.number))


class StepList(ModalScreen[int | None]):
    """Steps to choose from; returns the number of one."""

    BINDINGS: ClassVar[list[BindingType]] = CLOSING

    def __init__(self, steps: Sequence[str], current: int) -> None:
        super().__init__()
        self._steps, self._current = steps, current

    def compose(self) -> ComposeResult:
        """Show a line for each step."""
        steps = OptionList(*(Option(Content(step)) for step in self._steps), classes="dialog")
        steps.highlighted = self._current - 1
        yield steps

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the step's number."""
        self.dismiss(event.option_index + 1)


class StepText(ModalScreen[None]):
    """A step as plain text, to read through or to select from."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("t", "dismiss", show=False), *CLOSING]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Show the text; arrows scroll it."""
        with VerticalScroll(classes="dialog text"):
            yield Static(Content(self._text))
