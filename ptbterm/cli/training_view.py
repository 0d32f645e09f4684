"""What `train` and `resume` print: events while it trains, and how it ended."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from ptbterm.cli.dashboard import say_finished
from ptbterm.cli.interrupts import StopWish, stop_on_signals
from ptbterm.cli.notices import drop_what_waits, notice
from ptbterm.cli.options import View
from ptbterm.errors import ExitCode
from ptbterm.files import open_to_append
from ptbterm.runs.events import AnyEvent, RunFinished, RunStopped, Warned
from ptbterm.runs.journal import encode
from ptbterm.runs.run import Run
from ptbterm.terminal.pages import notebook_lines as plain
from ptbterm.terminal.text.safe_text import plain_json
from ptbterm.terminal.text.symbols import symbols_for


def print_into(log: Path) -> None:
    """Send everything that this process prints from now on into a file; raises like `open_to_append`."""
    with open_to_append(log) as file:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())


@contextmanager
def showing(view: View) -> Iterator[tuple[Callable[[AnyEvent], None], StopWish]]:
    """Yield what prints each event, and what says whether to stop: by a signal, or since nobody reads the pipe.

    Where stdout can't be written for any other reason, training goes on in silence: the journal has it all.
    """
    with stop_on_signals() as wish:

        def show(event: AnyEvent) -> None:
            try:
                tell(view, event)
            except OSError as error:
                drop_what_waits(sys.stdout)
                if isinstance(error, BrokenPipeError):
                    wish.make()

        yield show, wish


def tell(view: View, event: AnyEvent) -> None:
    """Print an event as the view has it; a warning goes to stderr in every view."""
    if isinstance(event, Warned):
        notice(f"Warning: {event.message}")
        notice(event.hint)
    for line in lines_of(view, event):
        print(line, flush=True)


def lines_of(view: View, event: AnyEvent) -> list[str]:
    """Return what a view of lines prints when this happens."""
    if view is View.JSON:
        return [plain_json(encode(event).decode())]
    return [] if view is View.NONE else plain.lines(event, symbols_for(sys.stdout.encoding).about)


def conclude(run: Run, end: RunFinished | RunStopped) -> None:
    """Say how the training ended and what to do next; exits 130 if it was stopped."""
    if isinstance(end, RunStopped):
        notice(f"Stopped after window {end.window} of epoch {end.epoch}; all is saved.")
        notice(f"To go on: ptbterm resume {run.name}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    say_finished(end, run)
