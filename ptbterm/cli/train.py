"""`ptbterm train`: trains a new run."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from ptbterm import environment
from ptbterm.cli.options import (
    CorpusOption,
    DashboardOptions,
    DeviceOption,
    ExitOption,
    MouseOption,
    PresetOption,
    RefreshOption,
    SetOption,
    View,
    ViewOption,
)


def command(
    preset: PresetOption = "fast",
    corpus: CorpusOption = None,
    assignments: SetOption = None,
    name: Annotated[str | None, typer.Option(help="The run's name; by default made up.")] = None,
    device: DeviceOption = None,
    seed: Annotated[int | None, typer.Option(help="Random seed.")] = None,
    view: ViewOption = View.AUTO,
    refresh: RefreshOption = None,
    mouse: MouseOption = True,
    exit_when_done: ExitOption = False,
) -> None:
    """Train a model."""
    from ptbterm.cli.inputs import open_corpus
    from ptbterm.cli.printing import notice
    from ptbterm.cli.screens import chosen_view
    from ptbterm.cli.training import train_run
    from ptbterm.runs.catalog import run_name
    from ptbterm.settings.resolve import read_preset, resolve
    from ptbterm.training.new_run import new_run

    overrides = [("--set", assignment) for assignment in assignments or ()]
    shortcuts = {"corpus.source": corpus, "training.device": device, "training.seed": seed}
    overrides += [
        (f"--{key.partition('.')[2]}", f"{key}={json.dumps(value, ensure_ascii=False)}")
        for key, value in shortcuts.items()
        if value is not None
    ]
    resolved = resolve(read_preset(preset), overrides)
    view = chosen_view(view)
    encoded = open_corpus(resolved.settings.corpus)
    today = datetime.now(UTC).astimezone().date()
    name = name or run_name(resolved.preset, encoded.text.name, today)
    run = new_run(environment.runs(), name, resolved, encoded)
    notice(f"Run: {run.path}")
    train_run(run, encoded, view, DashboardOptions(refresh, mouse, exit_when_done), is_new=True)
