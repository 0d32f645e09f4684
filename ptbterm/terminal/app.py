"""The Textual app of every screen: its colours, its palette, how it is left."""

import math
import os
import re
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import TextArea

from ptbterm.errors import PtbtermError
from ptbterm.terminal.export import save_text
from ptbterm.terminal.text.hints import hint_for
from ptbterm.terminal.text.safe_text import visible

DARK = Theme(
    name="ptbterm-dark",
    primary="#56B4E9",
    secondary="#56B4E9",
    accent="#E69F00",
    error="#FF8FB8",
    warning="#E69F00",
    success="#56B4E9",
    background="#0F1317",
    surface="#0F1317",
    panel="#161B21",
    foreground="#E6E9ED",
    dark=True,
    variables={
        "train": "#56B4E9",
        "valid": "#E69F00",
        "failed": "#FF8FB8",
        "muted": "#9AA1AB",
        "shade-1": "#1B3A57",
        "shade-2": "#24557F",
        "shade-3": "#2B679B",
        "edge": "#6B7684",
        "hue-1": "#56B4E9",
        "hue-2": "#E69F00",
        "hue-3": "#4CCB94",
        "hue-4": "#EFE36B",
        "hue-5": "#FF8FB8",
        "hue-6": "#B9A2FF",
        "footer-key-foreground": "#56B4E9",
    },
)
LIGHT = Theme(
    name="ptbterm-light",
    primary="#005F99",
    secondary="#005F99",
    accent="#B34700",
    error="#A3005C",
    warning="#B34700",
    success="#005F99",
    background="#FBFBFA",
    surface="#FBFBFA",
    panel="#F1F2F0",
    foreground="#1B1F24",
    dark=False,
    variables={
        "train": "#005F99",
        "valid": "#B34700",
        "failed": "#A3005C",
        "muted": "#5A6068",
        "shade-1": "#D6E6F4",
        "shade-2": "#A9CCE8",
        "shade-3": "#79AEDB",
        "edge": "#858B94",
        "hue-1": "#005F99",
        "hue-2": "#B34700",
        "hue-3": "#006B47",
        "hue-4": "#6F5B00",
        "hue-5": "#A3005C",
        "hue-6": "#5B3DB8",
        "footer-key-foreground": "#005F99",
    },
)
INTERRUPT_HINT = "Leaving stops no training: ctrl+c again, or ctrl+q."
_FETCHED_FONTS = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


def last_words(*sentences: str) -> Text:
    """Return what is printed when a screen has closed, a sentence a line: it is no markup, and acts on nothing."""
    return Text("\n".join(visible(sentence) for sentence in sentences if sentence))


def failure(error: PtbtermError) -> Text:
    """Return the last words of a screen that an error has closed."""
    return last_words(f"Error: {error.message}", hint_for(error))


class PtbtermApp(App[None]):
    """What the screens share. Leaving an app never stops a training."""

    TITLE = "ptbterm"
    CSS_PATH = Path(__file__).with_name("theme.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Leave", show=False, priority=True),
        Binding("ctrl+c", "hint_or_quit", "Copy, or leave", show=False, priority=True),
    ]

    def __init__(self, first_screen: Screen[None]) -> None:
        super().__init__()
        self._first_screen = first_screen
        self._interrupted_at = -math.inf
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = os.environ.get("PTBTERM_THEME", DARK.name)
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Show the screen that the app was made for."""
        self.push_screen(self._first_screen)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return what the palette lists: every action of the screen with its key, the themes, the picture."""
        for _, binding, enabled, _ in screen.active_bindings.values():
            if enabled and binding.description and not binding.action.startswith(("scroll", "page", "app.")):
                shown = self.get_key_display(binding)

                def run(action: str = binding.action) -> None:
                    self.call_later(screen.run_action, action)

                yield SystemCommand(f"{binding.description} ({shown})", binding.tooltip, run)
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Picture", "Save a picture (SVG) of this screen here", self.action_picture)
        yield SystemCommand("Leave", "Leave; a training goes on", self.action_quit)

    def action_picture(self) -> None:
        """Save the screen as SVG in the current folder, with no font that is fetched, and show its path."""
        path = Path.cwd() / f"ptbterm-{datetime.now().astimezone():%Y%m%d-%H%M%S}.svg"
        try:
            path.write_text(self.picture(), encoding="utf-8")
        except OSError as error:
            self.notify(visible(f"The picture can't be saved: {error}"), severity="error", markup=False)
        else:
            self.notify(visible(f"Saved {path}"), markup=False)

    def copy_and_save(self, text: str, suffix: str) -> None:
        """Copy text, and save it in the current folder: a clipboard may be out of reach."""
        self.copy_to_clipboard(text)
        try:
            self.notify(visible(f"Copied, and saved to {save_text(text, suffix)}"), markup=False)
        except OSError as error:
            self.notify(visible(f"Copied; it can't be saved: {error}"), severity="warning", markup=False)

    def picture(self) -> str:
        """Return the screen as SVG that fetches nothing."""
        return _FETCHED_FONTS.sub("", self.export_screenshot())

    def action_hint_or_quit(self) -> None:
        """Copy the selection; else say how to leave, and leave at a second press within 2 s."""
        field = self.focused if isinstance(self.focused, TextArea) else None
        if selected := self.screen.get_selected_text() or (field and field.selected_text):
            self.copy_to_clipboard(selected)
            return
        now = time.monotonic()
        if now - self._interrupted_at < 2:
            self.exit()
            return
        self._interrupted_at = now
        self.notify(INTERRUPT_HINT, timeout=4, markup=False)
