"""`ptbterm watch`: the dashboard or the lines of a run, live or finished."""

import time
from typing import Annotated

import typer

from ptbterm import environment
from ptbterm.cli.options import (
    DashboardOptions,
    ExitOption,
    MouseOption,
    RefreshOption,
    View,
    WatchViewOption,
    complete_runs,
)
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.run import Run

POLL_SECONDS = 0.2


def command(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="A run's name, a unique prefix, or a path; by default the one trained most recently.",
            autocompletion=complete_runs,
        ),
    ] = None,
    view: WatchViewOption = "auto",
    refresh: RefreshOption = None,
    mouse: MouseOption = True,
    exit_when_done: ExitOption = False,
) -> None:
    """Watch a run; leaving does not affect its training."""
    from ptbterm.cli.screens import chosen_view, open_dashboard
    from ptbterm.runs.catalog import find_run, latest_first, list_runs

    runs = environment.runs()
    existing = list_runs(runs)
    if run is None and not existing:
        raise PtbtermError("No runs found.", next_step=NextStep.TRAIN_DEMO)
    chosen = latest_first(existing)[0] if run is None else find_run(runs, run)
    shown = chosen_view(view)
    if shown == "tui":
        open_dashboard(chosen, DashboardOptions(refresh, mouse, exit_when_done))
    else:
        _print_events(chosen, shown)


def _print_events(run: Run, view: View) -> None:
    """Print all events of a run until its training ends or its trainer dies."""
    from ptbterm.cli.printing import notice
    from ptbterm.cli.reporting import print_event, print_status
    from ptbterm.runs.journal import Follower
    from ptbterm.runs.lock import is_training

    notice(f"Run: {run.name}")
    follower = Follower(run.events_file)
    while True:
        alive = is_training(run)  # asked first, so that the last events are still read below
        new = follower.read()
        for event in new.events:
            print_event(view, event)
        if not alive and not new.more:
            break
        if not new.more:
            time.sleep(POLL_SECONDS)
    print_status(run)
