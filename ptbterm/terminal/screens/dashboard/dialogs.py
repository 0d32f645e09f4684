"""What opens over the dashboard: the question before a stop, the other runs."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ptbterm.terminal.text.safe_text import visible

CLOSING: list[BindingType] = [Binding("escape,q", "dismiss", "Close")]


class StopQuestion(ModalScreen[bool]):
    """Asks whether to stop the training; only `y` does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Stop"),
        Binding("enter,n,escape,q", "answer(False)", "Go on"),
    ]

    def compose(self) -> ComposeResult:
        """Show the question and both answers."""
        text = "Stop after this window and save?\n\ny  stop; `ptbterm resume` goes on from there\nn  keep training"
        yield Static(Content(text), classes="dialog")

    def action_answer(self, stop: bool) -> None:  # noqa: FBT001
        """Hand the answer to who asked."""
        self.dismiss(stop)


class RunList(ModalScreen[str | None]):
    """Runs to choose from; hands back the name of one."""

    BINDINGS: ClassVar[list[BindingType]] = CLOSING

    def __init__(self, runs: list[tuple[str, str]]) -> None:
        super().__init__()
        self._runs = runs

    def compose(self) -> ComposeResult:
        """Show a run a line, with its state."""
        longest = max((len(visible(name)) for name, _ in self._runs), default=0)
        options = [Option(Content(f"{visible(name):<{longest}}  {when}"), id=name) for name, when in self._runs]
        yield OptionList(*options, classes="dialog")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Hand back the run's name."""
        self.dismiss(event.option.id)
