"""Every environment variable, read here and nowhere else; the places of corpora and runs. Creates nothing."""

import os
from pathlib import Path

import platformdirs

_SEARCH_PATHS = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX"),
    }
)


def home() -> Path:
    """The folder of everything that ptbterm keeps: `PTBTERM_HOME`, else the platform's user data directory."""
    chosen = os.environ.get("PTBTERM_HOME")
    return Path(chosen) if chosen else platformdirs.user_data_path("ptbterm", appauthor=False)


def corpora() -> Path:
    """The folder of the Penn Treebank once downloaded, and of the demo corpus."""
    return home() / "corpora"


def runs() -> Path:
    """The folder of the run directories."""
    return home() / "runs"


def tour_bookmark() -> Path:
    """The file that stores the last step of the tour."""
    return home() / "tour.json"


def of_children() -> dict[str, str]:
    """The environment for processes that we start, whose search paths don't lead to the current folder.

    An empty part of a search path, which shells leave behind (`PYTHONPATH=:/opt`), means the current folder.
    Absolute parts are kept: users set them on purpose, for the place of a package or of a library.
    """
    variables = dict(os.environ)
    for name in _SEARCH_PATHS & variables.keys():
        parts = [part for part in variables.pop(name).split(os.pathsep) if Path(part).is_absolute()]
        variables |= {name: os.pathsep.join(parts)} if parts else {}
    return variables


def is_offline() -> bool:
    """Whether connections are forbidden: `PTBTERM_OFFLINE` is set, and not to 0."""
    return os.environ.get("PTBTERM_OFFLINE", "") not in {"", "0"}


def theme() -> str:
    """The name of the requested theme (`PTBTERM_THEME`); empty for the default."""
    return os.environ.get("PTBTERM_THEME", "")


def terminal_type() -> str:
    """The terminal's type (`TERM`); dumb if it is missing."""
    return os.environ.get("TERM") or "dumb"


def allows_screens() -> bool:
    """Whether a terminal here may show screens and bars: it is not dumb, and this is not a CI job (`CI`)."""
    return terminal_type() != "dumb" and not os.environ.get("CI")


def is_remote() -> bool:
    """Whether the terminal is at the other end of an SSH connection (`SSH_CONNECTION`)."""
    return bool(os.environ.get("SSH_CONNECTION"))


def colors() -> str:
    """The colors of the terminal, in words: none (`NO_COLOR`), else `COLORTERM`, else by its type."""
    return "none (NO_COLOR)" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM", "by TERM")
