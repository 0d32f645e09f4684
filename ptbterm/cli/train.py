"""`ptbterm train`: settings and a corpus to a run with a trained model."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from ptbterm import locations
from ptbterm.cli.options import CorpusOption, DeviceOption, PresetOption, SetOption, View, ViewOption


def command(
    preset: PresetOption = "fast",
    corpus: CorpusOption = None,
    assignments: SetOption = None,
    name: Annotated[str | None, typer.Option(help="The run's name; one is made up otherwise.")] = None,
    device: DeviceOption = None,
    seed: Annotated[int | None, typer.Option(help="Decides every random draw.")] = None,
    view: ViewOption = View.AUTO,
) -> None:
    """Train a model, and watch its perplexity and words per second."""
    from ptbterm.cli.corpora import open_corpus
    from ptbterm.cli.notices import notice
    from ptbterm.runs.run import run_name
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

    from ptbterm.cli.training_view import conclude, showing
    from ptbterm.training import session  # torch: seconds

    today = datetime.now(UTC).astimezone().date()
    name = name or run_name(resolved.preset, encoded.text.name, today)
    run = session.new_run(locations.runs(), name, resolved, encoded)
    notice(f"Run: {run.path}")
    with showing(view) as (listener, stop_requested):
        conclude(run, session.start(run, encoded, listener, stop_requested))
