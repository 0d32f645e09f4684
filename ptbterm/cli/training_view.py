"""What `train` and `resume` print: events while it trains, and how it ended."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import assert_never

import typer

from ptbterm.cli.interrupts import StopWish, stop_on_signals
from ptbterm.cli.notices import notice
from ptbterm.cli.options import View
from ptbterm.errors import ExitCode
from ptbterm.runs.events import AnyEvent, RunFinished, RunStopped
from ptbterm.runs.journal import encode
from ptbterm.runs.run import Run
from ptbterm.terminal import plain
from ptbterm.terminal.units import duration


@contextmanager
def showing(view: View) -> Iterator[tuple[Callable[[AnyEvent], None], StopWish]]:
    """Yield what prints each event, and what says whether to stop: by a signal, or since stdout was closed."""
    with stop_on_signals(notice) as wish:

        def show(event: AnyEvent) -> None:
            try:
                for line in _lines(view, event):
                    print(line, flush=True)
            except BrokenPipeError:
                sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
                wish.make()

        yield show, wish


def _lines(view: View, event: AnyEvent) -> list[str]:
    match view:
        case View.AUTO | View.PLAIN:
            return plain.lines(event)
        case View.JSON:
            return [encode(event).decode()]
        case View.NONE:
            return []
    assert_never(view)


def conclude(run: Run, end: RunFinished | RunStopped) -> None:
    """Say how the training ended and what to do next; exits 130 if it was stopped."""
    if isinstance(end, RunStopped):
        notice(f"Stopped after window {end.window} of epoch {end.epoch}; all is saved.")
        notice(f"To go on: ptbterm resume {run.name}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    notice(
        f"Trained {run.name} in {duration(end.training_seconds)}; "
        f"best valid perplexity {end.best_valid_perplexity:.3f}, after epoch {end.best_epoch}."
    )
    notice("Try next:")
    notice("  ptbterm eval --split test")
    notice('  ptbterm generate --prompt "the company"')
    notice('  echo "this is an" | ptbterm chat')
