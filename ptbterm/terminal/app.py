"""The Textual app around every screen: themes, command palette, files saved, and how it is left."""

import asyncio
import math
import re
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from ptbterm.errors import PtbtermError
from ptbterm.terminal.text.hints import hint_for
from ptbterm.terminal.text.safe_text import visible
from ptbterm.terminal.theme import DARK, LIGHT, chosen_theme, palette_for

INTERRUPT_HINT = "Press ctrl+c again to leave{note}."
INTERRUPT_SECONDS = 2.0
"""Two presses of ctrl+c within this time leave."""
HANDLED_SECONDS = 1.0
"""How long to wait for a widget to handle its messages; it may be removed in the meantime."""
_FETCHED_FONTS = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)


def exit_message(*sentences: str) -> Text:
    """Return what is printed when the app has closed, one sentence per line, harmless and without markup."""
    return Text("\n".join(visible(sentence) for sentence in sentences if sentence))


class LoadFailed(Message):
    """A screen could not load its model, lessons or map: the app exits and prints the error."""

    def __init__(self, error: PtbtermError) -> None:
        super().__init__()
        self.error = error


class PtbtermApp(App[None]):
    """Shows one screen. Leaving it never stops a training; `leaving_note` says so where one may run."""

    TITLE = "ptbterm"
    CSS_PATH = Path(__file__).with_name("theme.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Leave", show=False, priority=True),
        Binding("ctrl+c", "hint_or_quit", "Copy, or leave", show=False, priority=True),
    ]

    def __init__(self, first_screen: Screen[None], *, leaving_note: str = "") -> None:
        super().__init__()
        self._leaving_note = leaving_note
        self._first_screen = first_screen
        self._interrupted_at = -math.inf
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = chosen_theme()
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Show the first screen; leave it, and give the terminal back, when a signal ends the process."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as with `nohup`
                loop.add_signal_handler(number, self.exit, None, 128 + number)
        self.push_screen(self._first_screen)

    async def on_event(self, event: Event) -> None:
        """Handle the keys of a text field in the order typed.

        Textual runs the field's bindings after, and the screen's priority bindings before, the characters that
        arrived with them: over a slow line `ab`, backspace, `c` would become `ab`.
        """
        if isinstance(event, Key) and not event.is_printable and isinstance(self.focused, TextArea | Input):
            await _handled_by(self.focused, *self.focused.ancestors_with_self)
            if active := self.screen.active_bindings.get(event.key):
                await self.run_action(active.binding.action, active.node)
                return
        await super().on_event(event)

    def on_load_failed(self, event: LoadFailed) -> None:
        """Leave with an error."""
        error = event.error
        message = exit_message(f"Error: {error.message}", hint_for(error))
        self.exit(return_code=1, message=message)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colors of theme.tcss for Textual's own themes, which lack them."""
        return palette_for(dark=self.current_theme.dark).variables()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return the commands of the palette: every action of the screen with its key, the themes, the picture."""
        for _, binding, enabled, _ in screen.active_bindings.values():
            if enabled and binding.description and not binding.action.startswith(("scroll", "page", "app.")):
                shown = self.get_key_display(binding)

                def run(action: str = binding.action) -> None:
                    self.call_later(screen.run_action, action)

                yield SystemCommand(f"{binding.description} ({shown})", binding.tooltip, run)
        yield SystemCommand("Theme", "Change the colors", self.action_change_theme)
        yield SystemCommand("Picture", "Save a picture (SVG) of this screen here", self.action_picture)
        yield SystemCommand("Leave", f"Leave{self._leaving_note}", self.action_quit)

    def action_picture(self) -> None:
        """Save the screen as SVG in the current folder and show its path."""
        path = _new_file(".svg")
        try:
            path.write_text(self.picture(), encoding="utf-8")
        except OSError as error:
            self.notify(visible(f"Could not save the picture: {error}"), severity="error", markup=False)
        else:
            self.notify(visible(f"Saved {path}"), markup=False)

    def copy_and_save(self, text: str, suffix: str) -> None:
        """Copy text, and save it in the current folder: over SSH the clipboard may be out of reach."""
        self.copy_to_clipboard(text)
        path = _new_file(suffix)
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            self.notify(visible(f"Copied, but could not save: {error}"), severity="warning", markup=False)
        else:
            self.notify(visible(f"Copied, and saved to {path}"), markup=False)

    def picture(self) -> str:
        """Return the screen as SVG that loads nothing from the network."""
        return _FETCHED_FONTS.sub("", self.export_screenshot())

    def action_hint_or_quit(self) -> None:
        """Copy the selection; without one say how to leave, and leave at a second press."""
        field = self.focused if isinstance(self.focused, TextArea) else None
        if selected := self.screen.get_selected_text() or (field and field.selected_text):
            self.copy_to_clipboard(selected)
            return
        now = time.monotonic()
        if now - self._interrupted_at < INTERRUPT_SECONDS:
            self.exit()
            return
        self._interrupted_at = now
        hint = INTERRUPT_HINT.format(note=self._leaving_note)
        self.notify(hint, timeout=2 * INTERRUPT_SECONDS, markup=False)


async def _handled_by(*nodes: object) -> None:
    """Wait until widgets, from a field to its screen, have handled the messages sent so far, each in its turn."""
    for widget in nodes:
        if isinstance(widget, Widget):
            handled = asyncio.Event()
            with suppress(TimeoutError):  # of a widget that is removed in the meantime
                if widget.call_later(handled.set):
                    await asyncio.wait_for(handled.wait(), HANDLED_SECONDS)


def _new_file(suffix: str) -> Path:
    """Return a file of the current folder, named after the time."""
    return Path.cwd() / f"ptbterm-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}{suffix}"
