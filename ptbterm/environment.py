"""Where corpora and runs live. Names places and creates none of them."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder of everything ptbterm keeps: `PTBTERM_HOME`, else the platform's user data directory."""
    chosen = os.environ.get("PTBTERM_HOME")
    return Path(chosen) if chosen else platformdirs.user_data_path("ptbterm", appauthor=False)


def corpora() -> Path:
    """The folder that holds the Penn Treebank once downloaded, and the demo corpus."""
    return home() / "corpora"


def runs() -> Path:
    """The folder that holds one directory a run."""
    return home() / "runs"


def tour_bookmark() -> Path:
    """The file that remembers where the tour was left."""
    return home() / "tour.json"
