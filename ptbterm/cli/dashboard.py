"""Opens the dashboard on a run, and says how things stand when it is left."""

import os
import sys
from typing import TYPE_CHECKING

import typer

from ptbterm.cli.notices import notice
from ptbterm.cli.options import Look, View
from ptbterm.runs.condition import Condition, condition
from ptbterm.runs.events import RunFailed, RunFinished
from ptbterm.runs.launch import Launch
from ptbterm.runs.run import Run
from ptbterm.runs.summary import read_state
from ptbterm.terminal.text.numbers import duration

if TYPE_CHECKING:
    from ptbterm.terminal.app import PtbtermApp


def chosen_view(view: View) -> View:
    """Return what `auto` means here: the dashboard on a terminal that can show it, else plain lines."""
    if view is not View.AUTO:
        return view
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    able = os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI")
    return View.TUI if terminal and able else View.PLAIN


def open_dashboard(run: Run, look: Look, launch: Launch | None = None) -> None:
    """Show the run until the person leaves, then say on stderr how it stands; exits 1 if it could not start."""
    from ptbterm.runs.watched import WatchedRun
    from ptbterm.terminal.app import PtbtermApp
    from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
    from ptbterm.terminal.screens.dashboard.watcher import Pace
    from ptbterm.terminal.text.symbols import symbols_for

    refresh = look.refresh or (1.0 if os.environ.get("SSH_CONNECTION") else 0.5)
    watched, symbols = WatchedRun(run, launch), symbols_for(sys.stdout.encoding)
    screen = DashboardScreen(watched, Pace.of(refresh), symbols, exit_when_done=look.exit_when_done)
    app = PtbtermApp(screen)
    show(app, mouse=look.mouse)
    farewell(watched.run, watched.launch)


def show(app: "PtbtermApp", *, mouse: bool) -> None:
    """Run an app until it is left; if it says that it failed, so does this command."""
    app.run(mouse=mouse)
    if app.return_code:
        raise typer.Exit(app.return_code)


def farewell(run: Run, launch: Launch | None = None) -> None:
    """Say how a run stands and what can be done with it; `launch` is a trainer that may still be starting."""
    state = read_state(run)
    match condition(run, state, launch):
        case Condition.RUNNING | Condition.STARTING:
            left = f", about {duration(state.progress.seconds_left)} left" if state.progress else ""
            notice(f"{run.name} goes on training{left}.")
            notice(f"  ptbterm watch {run.name}")
            notice(f"  ptbterm runs stop {run.name}")
        case Condition.FINISHED if isinstance(state.end, RunFinished):
            say_finished(state.end, run)
        case Condition.FAILED if isinstance(state.end, RunFailed):
            notice(f"{run.name} failed: {state.end.sentence}")
            notice(f"To go on: ptbterm resume {run.name}")
        case other:
            notice(f"{run.name} is {other}.")
            notice(f"To go on: ptbterm resume {run.name}")


def say_finished(end: RunFinished, run: Run) -> None:
    """Say what came of a training and what to try next."""
    notice(
        f"Trained {run.name} in {duration(end.training_seconds)}; "
        f"best valid perplexity {end.best_valid_perplexity:.3f}, after epoch {end.best_epoch}."
    )
    notice("Try next:")
    notice("  ptbterm eval --split test")
    notice('  ptbterm generate --prompt "the company"')
    notice("  ptbterm chat")
