"""A real pseudo-terminal with ptbterm in it, and what its screen shows."""

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pyte

PATIENCE = 60.0

Open = Callable[..., "Terminal"]


class Terminal:
    """`ptbterm ARGUMENTS...` in a terminal of its own; keys are the bytes that a terminal sends."""

    def __init__(
        self, home: Path, *arguments: str | Path, size: tuple[int, int] = (80, 24), **variables: str
    ) -> None:
        environment = os.environ | {"PTBTERM_HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        for name in ("CI", "SSH_CONNECTION", "NO_COLOR"):
            environment.pop(name, None)
        columns, rows = size
        self.child: Any = pexpect.spawn(
            sys.executable,
            ["-m", "ptbterm", *map(str, arguments)],
            env=environment | variables,
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )
        self.raw = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def read(self) -> None:
        """Take in what was printed by now; of what never ends, some."""
        deadline = time.monotonic() + 0.5
        try:
            while time.monotonic() < deadline:
                piece = self.child.read_nonblocking(65_536, timeout=0.05)
                self.raw += piece
                self._stream.feed(re.sub(rb"\x1b\[[<>=][\d;]*u|\x1b\[>[\d;]*[mq]", b"", piece))
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    @property
    def text(self) -> str:
        """The screen, a line a row."""
        self.read()
        return "\n".join(row.rstrip() for row in self._screen.display)

    def until(self, pattern: str, seconds: float = PATIENCE) -> str:
        """Wait until the screen shows something, and return the screen."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if re.search(pattern, text := self.text):
                return text
        raise AssertionError(f"{pattern!r} is not on the screen:\n{self.text}")

    def press(self, keys: str) -> None:
        """Send keys as bytes."""
        self.child.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        self.child.setwinsize(rows, columns)
        self._screen.resize(rows, columns)

    def end(self) -> tuple[int | None, str]:
        """Wait for the end, and return the exit code and what then stands on the screen."""
        deadline = time.monotonic() + PATIENCE
        while self.child.isalive() and time.monotonic() < deadline:
            self.read()
        self.read()
        self.child.close()
        return self.child.exitstatus, "\n".join(row.rstrip() for row in self._screen.display)
