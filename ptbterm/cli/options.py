"""Options that commands share, and their shell completion. Imports nothing heavy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from ptbterm import environment
from ptbterm.settings.choices import Form

View = Literal["auto", "tui", "plain", "json", "log", "none"]
"""What a training shows; other commands have some of them."""


def complete_presets(incomplete: str) -> list[str]:
    """Complete the name of a built-in preset."""
    from ptbterm.settings.resolve import preset_names

    return _beginning(incomplete, preset_names())


def complete_runs(incomplete: str) -> list[str]:
    """Complete the name of a run: a valid one, because shells execute parts of others."""
    from ptbterm.runs.catalog import list_runs

    return _beginning(incomplete, (run.name for run in list_runs(environment.runs())))


def complete_corpora(incomplete: str) -> list[str]:
    """Complete the name of a corpus."""
    return _beginning(incomplete, ("auto", "demo", "ptb"))


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]",
        help="A run's name, a unique prefix, or a path; by default the newest with a checkpoint.",
        autocompletion=complete_runs,
    ),
]
PresetOption = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE", help="A preset, or a TOML file of settings.", autocompletion=complete_presets
    ),
]
CorpusOption = Annotated[
    str | None,
    typer.Option(
        metavar="auto|demo|ptb|PATH",
        help="The text: auto, demo, ptb, a folder with train, valid and test files, or one file; "
        "auto is ptb, downloaded if it is missing, else demo.",
        autocompletion=complete_corpora,
    ),
]
FormOption = Annotated[
    Form | None,
    typer.Option(
        help="Form of the text. typed: as people write; corpus: as the model's training text. Default: typed for "
        "models of the built-in corpora, corpus for models of your own text."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, e.g. training.epochs=3; repeatable."),
]
DeviceOption = Annotated[
    str | None, typer.Option(metavar="auto|cpu|cuda[:N]", help="Device; auto is CUDA if available, else CPU.")
]
MAX_THREADS = 4096
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=MAX_THREADS,
        metavar="N",
        help="CPU threads; overrides PTBTERM_THREADS and training.threads; 0 = torch's default.",
    ),
]
ViewOption = Annotated[
    View,
    typer.Option(
        help="auto: tui on a terminal, else plain; tui: dashboard, training in the background; plain: a line per "
        "report; json: an event per line; log: plain lines to the run's trainer.log; none: silent."
    ),
]
ScreenViewOption = Annotated[Literal["auto", "tui", "plain"], typer.Option(help="tui: screen; plain: lines.")]
WatchViewOption = Annotated[
    Literal["auto", "tui", "plain", "json"], typer.Option(help="tui: dashboard; plain: lines; json: events.")
]
RefreshOption = Annotated[
    float | None,
    typer.Option(
        min=0.05, metavar="SECONDS", help="Seconds between updates of the dashboard; 0.5 by default, 1 over SSH."
    ),
]
MouseOption = Annotated[bool, typer.Option("--mouse/--no-mouse", help="Mouse support.")]
ExitOption = Annotated[bool, typer.Option("--exit-when-done", help="Leave the dashboard when training ends.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True)
class DashboardOptions:
    """Options of a dashboard; `refresh` is in seconds; None = the default for the connection."""

    refresh: float | None
    mouse: bool
    exit_when_done: bool
