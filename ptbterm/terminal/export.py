"""What a screen shows, as a file in the current folder: a terminal's clipboard may be out of reach."""

from datetime import datetime
from pathlib import Path


def save_text(text: str, suffix: str) -> Path:
    """Write text to a new file of the current folder, and return its path; raises OSError."""
    path = Path.cwd() / f"ptbterm-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}{suffix}"
    path.write_text(text, encoding="utf-8")
    return path
