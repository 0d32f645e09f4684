"""`ptbterm train`: settings and a corpus to a run with a trained model."""

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
    name: Annotated[str | None, typer.Option(help="The run's name; one is made up otherwise.")] = None,
    device: DeviceOption = None,
    seed: Annotated[int | None, typer.Option(help="Decides every random draw.")] = None,
    view: ViewOption = View.AUTO,
    refresh: RefreshOption = None,
    mouse: MouseOption = True,
    exit_when_done: ExitOption = False,
) -> None:
    """Train a model, and watch its perplexity and words per second."""
    from ptbterm.cli.corpora import open_corpus
    from ptbterm.cli.printing import notice
    from ptbterm.cli.screens import chosen_view, open_dashboard
    from ptbterm.runs.catalog import run_name, unused_run
    from ptbterm.runs.launch import start_detached
    from ptbterm.settings.resolve import read_preset, resolve

    overrides = [("--set", assignment) for assignment in assignments or ()]
    shortcuts = {"corpus.source": corpus, "training.device": device, "training.seed": seed}
    overrides += [
        (f"--{key.partition('.')[2]}", f"{key}={json.dumps(value, ensure_ascii=False)}")
        for key, value in shortcuts.items()
        if value is not None
    ]
    resolved = resolve(read_preset(preset), overrides)
    encoded = open_corpus(resolved.settings.corpus)

    today = datetime.now(UTC).astimezone().date()
    name = name or run_name(resolved.preset, encoded.text.name, today)
    if (view := chosen_view(view)) is View.TUI:
        options = DashboardOptions(refresh, mouse, exit_when_done)
        arguments = ["train", "--view", "log", "--preset", preset, "--name", name]
        arguments += [
            f"--corpus={encoded.text.name}",
            *(f"--set={assignment}" for assignment in assignments or ()),
        ]
        arguments += [] if device is None else [f"--device={device}"]
        arguments += [] if seed is None else [f"--seed={seed}"]
        open_dashboard(unused_run(environment.runs(), name), options, start_detached(arguments))
        return

    from ptbterm.cli.printing import print_into, printing_events, report_end
    from ptbterm.training import session  # torch: seconds

    run = session.new_run(environment.runs(), name, resolved, encoded)
    notice(f"Run: {run.path}")
    if view is View.LOG:
        print_into(run.log_file)
    with printing_events(view) as (listener, stop):
        report_end(run, session.start(run, encoded, listener, stop.is_set))
