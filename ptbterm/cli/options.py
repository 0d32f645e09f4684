"""Options that commands share, and how the shell completes them. Imports nothing heavy."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from ptbterm import environment


class View(StrEnum):
    """How a training shows itself."""

    AUTO = "auto"
    TUI = "tui"
    PLAIN = "plain"
    JSON = "json"
    LOG = "log"
    NONE = "none"


class WatchView(StrEnum):
    """How a run is watched."""

    AUTO = "auto"
    TUI = "tui"
    PLAIN = "plain"
    JSON = "json"


class ScreenView(StrEnum):
    """On a screen, or as lines."""

    AUTO = "auto"
    TUI = "tui"
    PLAIN = "plain"


def complete_presets(incomplete: str) -> list[str]:
    """Return the built-in presets that begin so."""
    from ptbterm.settings.resolve import preset_names

    return _beginning(incomplete, preset_names())


def complete_runs(incomplete: str) -> list[str]:
    """Return the runs that begin so."""
    from ptbterm.runs.catalog import list_runs

    return _beginning(incomplete, (run.name for run in list_runs(environment.runs())))


def complete_corpora(incomplete: str) -> list[str]:
    """Return the corpora with a name that begin so."""
    return _beginning(incomplete, ("auto", "demo", "ptb"))


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]",
        help="A run's name, a unique prefix of it, or its path; left out, the newest with a checkpoint.",
        autocompletion=complete_runs,
    ),
]
PresetOption = Annotated[
    str,
    typer.Option(metavar="NAME|FILE", help="A preset, or a TOML file like one.", autocompletion=complete_presets),
]
CorpusOption = Annotated[
    str | None,
    typer.Option(
        metavar="auto|demo|ptb|PATH",
        help="The text: a name, a folder with train, valid and test files, or one file.",
        autocompletion=complete_corpora,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one setting, e.g. training.epochs=3; repeatable."),
]
DeviceOption = Annotated[
    str | None, typer.Option(metavar="auto|cpu|cuda[:N]", help="Where to compute; auto never picks mps.")
]
ViewOption = Annotated[
    View,
    typer.Option(
        help="tui: a dashboard, the training apart from it; log: plain lines into the run's trainer.log."
    ),
]
ScreenViewOption = Annotated[ScreenView, typer.Option(help="tui: the screen; plain: lines.")]
WatchViewOption = Annotated[WatchView, typer.Option(help="How the run is shown.")]
RefreshOption = Annotated[
    float | None, typer.Option(min=0.05, metavar="SECONDS", help="How often the dashboard draws numbers.")
]
MouseOption = Annotated[bool, typer.Option("--mouse/--no-mouse", help="Whether the dashboard takes the mouse.")]
ExitOption = Annotated[bool, typer.Option("--exit-when-done", help="Leave the dashboard when the training ends.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True)
class DashboardOptions:
    """Options of a dashboard; `refresh` is in seconds, None for a default by the connection."""

    refresh: float | None
    mouse: bool
    exit_when_done: bool
