"""Chooses between a screen and lines, and opens screens."""

import sys
from typing import TYPE_CHECKING

import typer

from ptbterm import environment
from ptbterm.cli.options import DashboardOptions, View
from ptbterm.cli.reporting import print_status
from ptbterm.runs.launch import Launch
from ptbterm.runs.run import Run

if TYPE_CHECKING:
    from ptbterm.terminal.app import PtbtermApp


def chosen_view(view: View) -> View:
    """Return the view for `auto`: a screen if the terminal can show it, else plain lines.

    Raises `UsageError` before a screen is opened if `PTBTERM_THEME` is not the name of a theme.
    """
    if view == "auto":
        is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        view = "tui" if is_terminal and environment.allows_screens() else "plain"
    if view == "tui":
        from ptbterm.terminal.theme import chosen_theme

        chosen_theme()
    return view


def open_dashboard(run: Run, options: DashboardOptions, launch: Launch | None = None) -> None:
    """Show the run until the person leaves, then print its status; exits 1 if the trainer could not start."""
    from ptbterm.runs.watched import WatchedRun
    from ptbterm.terminal.app import PtbtermApp
    from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
    from ptbterm.terminal.screens.dashboard.watcher import Pace
    from ptbterm.terminal.text.symbols import symbols_for

    refresh = options.refresh or (1.0 if environment.is_remote() else 0.5)
    watched, symbols = WatchedRun(run, launch), symbols_for(sys.stdout.encoding)
    screen = DashboardScreen(watched, Pace.of(refresh), symbols, exit_when_done=options.exit_when_done)
    run_app(PtbtermApp(screen, leaving_note="; this does not stop the training"), mouse=options.mouse)
    print_status(watched.run, watched.launch)


def run_app(app: "PtbtermApp", *, mouse: bool) -> None:
    """Run an app until it is left; its exit code is the command's."""
    app.run(mouse=mouse)
    if app.return_code:
        raise typer.Exit(app.return_code)
