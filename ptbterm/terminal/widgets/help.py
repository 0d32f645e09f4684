"""The help: the keys of a screen, made from its bindings."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ptbterm.terminal.text.columns import aligned


class Help(ModalScreen[None]):
    """Lists keys and their actions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,ctrl+g,question_mark", "dismiss", "Close"),
    ]

    def __init__(self, title: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._keys = title, keys

    @classmethod
    def of(cls, title: str, bindings: Sequence[BindingType], app: App[None]) -> "Help":
        """Return the help on the bindings that have a tooltip."""
        made = Binding.make_bindings(bindings)
        keys = [(app.get_key_display(binding), binding.tooltip) for binding in made if binding.tooltip]
        return cls(title, list(dict.fromkeys(keys)))

    def compose(self) -> ComposeResult:
        """Show a line for each key."""
        table = aligned(self._keys, right=2)
        rows = [Content.assemble((key.text, "bold"), what.text) for key, what in table]
        heading = Content.assemble((self._title, "bold"), "\n")
        yield Static(Content("\n").join([heading, *rows, Content("\nEsc closes")]), classes="dialog")
