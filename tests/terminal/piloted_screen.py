"""An app in a test: what its screen shows, as text, and how to wait for it."""

import re

from textual.app import App
from textual.pilot import Pilot


def screen_text(app: App[None]) -> str:
    """Return the text of the screen, one line per row."""
    width, height = app.size
    update = app.screen._compositor.render_strips()
    rows = ["".join(segment.text for segment in strip) for strip in update[:height]]
    return "\n".join(row[:width].rstrip() for row in rows)


class PilotedScreen:
    """The screen of a pilot's app."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot

    @property
    def text(self) -> str:
        return screen_text(self.pilot.app)

    async def press(self, *keys: str, shows: str = "") -> str:
        """Press keys, wait until the screen shows a text and no longer changes, and return it."""
        await self.pilot.press(*keys)
        await self.until(re.escape(shows))
        return await self.settle()

    async def settle(self) -> str:
        """Wait until the screen no longer changes, and return it."""
        before = ""
        while (text := self.text) != before:
            before = text
            await self.pilot.pause(0.05)
        return text

    async def until(self, pattern: str) -> str:
        """Wait until the screen shows something, and return the screen."""
        for _ in range(200):
            if re.search(pattern, self.text):
                return self.text
            await self.pilot.pause(0.02)
        raise AssertionError(f"{pattern!r} is not on the screen:\n{self.text}")
