"""Every environment variable, read here and nowhere else; the places of corpora and runs. Creates nothing.

`import ptbterm` imports this first, while Python may still look in the current folder: for nothing here, as Python
has loaded os and sys by then.
"""

import os
import sys

TYPE_CHECKING = False  # type checkers take it for True; typing.py in the current folder is not imported

if TYPE_CHECKING:
    from pathlib import Path

_SEARCH_PATHS = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX"),
    }
)


def home() -> "Path":
    """The folder of everything that ptbterm keeps: `PTBTERM_HOME`, else the platform's user data directory."""
    from pathlib import Path  # noqa: PLC0415

    import platformdirs  # noqa: PLC0415

    chosen = os.environ.get("PTBTERM_HOME")
    return Path(chosen) if chosen else platformdirs.user_data_path("ptbterm", appauthor=False)


def corpora() -> "Path":
    """The folder of the Penn Treebank once downloaded, and of the demo corpus."""
    return home() / "corpora"


def runs() -> "Path":
    """The folder of the run directories."""
    return home() / "runs"


def caches() -> "Path":
    """The folder of encoded texts, which can be deleted at any time."""
    return home() / "ids"


def tour_bookmark() -> "Path":
    """The file that stores the last step of the tour."""
    return home() / "tour.json"


def of_children() -> dict[str, str]:
    """The environment for processes that we start, whose search paths don't lead to the current folder.

    An empty part of a search path, which shells leave behind (`PYTHONPATH=:/opt`), means the current folder.
    Absolute parts are kept: users set them on purpose, for the place of a package or of a library.
    """
    variables = dict(os.environ)
    for name in _SEARCH_PATHS & variables.keys():
        parts = [part for part in variables.pop(name).split(os.pathsep) if os.path.isabs(part)]  # noqa: PTH117
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


SPIN_COUNT = 30_000
"""Loops that a thread of libgomp spins before it sleeps, below a millisecond; libgomp's own default is 300,000.

On a quiet machine the next parallel part begins sooner than that; on a busy one the thread waited for may not run,
and spinning takes the core that it needs. Measured by `benchmarks.busy`.
"""

WAIT_VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def shorten_waits() -> None:
    """Set `GOMP_SPINCOUNT`, unless a variable already says how OpenMP's threads wait.

    The library reads it when torch is imported; later it would change nothing here, only in child processes.
    """
    if "torch" not in sys.modules and not any(name in os.environ for name in WAIT_VARIABLES):
        os.environ["GOMP_SPINCOUNT"] = str(SPIN_COUNT)


def waits() -> str:
    """How OpenMP's threads wait for each other: the variable that says so."""
    variables = (f"{name}={os.environ[name]}" for name in WAIT_VARIABLES if name in os.environ)
    return ", ".join(variables) or "OpenMP's default"


def threads() -> str:
    """The requested number of CPU threads (`PTBTERM_THREADS`), as typed; empty if there is none."""
    return os.environ.get("PTBTERM_THREADS", "")
