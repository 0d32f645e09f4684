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
PIECE = 2_048
"""Bytes between two looks at the screen: a busy dashboard prints more in the seconds that a notice stays."""
UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][\d;]*u|\x1b\[>[\d;]*[mq]")
LONGEST_SEQUENCE = 16
"""Bytes of those that pyte does not know: one may be cut by the end of a piece."""

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
            ["-P", "-m", "ptbterm", *map(str, arguments)],
            env=environment | variables,
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )
        self.raw = b""
        self._unfinished = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def read(self) -> None:
        """Take in what was printed by now; of what never ends, some."""
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline and self._read_piece():
            pass

    def _read_piece(self) -> bool:
        """Read at most `PIECE` bytes of the output; return whether there were any."""
        try:
            piece = self.child.read_nonblocking(PIECE, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            piece = b""
        self.raw += piece
        printed = self._unfinished + piece
        cut = printed.rfind(b"\x1b", -LONGEST_SEQUENCE)
        end = cut if piece and cut >= 0 else len(printed)
        self._unfinished = printed[end:]
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", printed[:end]))
        return bool(piece)

    @property
    def text(self) -> str:
        """The text of the screen, one line per row."""
        self.read()
        return self._text()

    def _text(self) -> str:
        return "\n".join(row.rstrip() for row in self._screen.display)

    def until(self, pattern: str, seconds: float = PATIENCE) -> str:
        """Wait until the screen shows something, even for a moment; return what is then drawn."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            has_more = self._read_piece()
            if re.search(pattern, self._text()):
                return self.text
            if not has_more and not self.child.isalive():
                break
        raise AssertionError(f"{pattern!r} is not on the screen:\n{self._text()}")

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
        return self.child.exitstatus, self._text()
