"""The keys of a screen, from the bindings themselves."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class Help(ModalScreen[None]):
    """Lists keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,ctrl+g,question_mark", "dismiss", "Close"),
    ]

    def __init__(self, title: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._keys = title, keys

    @classmethod
    def of(cls, title: str, bindings: Sequence[BindingType], app: App[None]) -> "Help":
        """Return the help on those bindings that say what they do."""
        made = Binding.make_bindings(bindings)
        keys = [(app.get_key_display(binding), binding.tooltip) for binding in made if binding.tooltip]
        return cls(title, list(dict.fromkeys(keys)))

    def compose(self) -> ComposeResult:
        """Show a line a key."""
        longest = max(len(key) for key, _ in self._keys)
        rows = [Content.assemble((f"{key:<{longest}}", "bold"), f"  {what}") for key, what in self._keys]
        heading = Content.assemble((self._title, "bold"), "\n")
        yield Static(Content("\n").join([heading, *rows, Content("\nEsc closes")]), classes="dialog")
