"""What a screen shows, as a file in the current folder: a terminal's clipboard may be out of reach."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from ptbterm.terminal.text.safe_text import visible


def table_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as TSV, their cells made harmless."""
    return "".join("\t".join(map(visible, row)) + "\n" for row in rows)


def save_text(text: str, suffix: str) -> Path:
    """Write text to a new file of the current folder, and return its path; raises OSError."""
    path = Path.cwd() / f"ptbterm-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}{suffix}"
    path.write_text(text, encoding="utf-8")
    return path
