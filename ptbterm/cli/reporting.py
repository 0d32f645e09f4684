"""Prints the events of a training on stdout, and its result or status on stderr."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import typer

from ptbterm.cli.interrupts import StopFlag, stop_on_signals
from ptbterm.cli.options import View
from ptbterm.cli.printing import discard_buffer, notice
from ptbterm.errors import ExitCode
from ptbterm.files import open_to_append
from ptbterm.runs.condition import Condition, condition
from ptbterm.runs.events import AnyEvent, RunFailed, RunFinished, RunStopped, Warned
from ptbterm.runs.journal import encode
from ptbterm.runs.launch import Launch
from ptbterm.runs.run import Run
from ptbterm.runs.summary import read_state
from ptbterm.terminal.pages.notebook_lines import notebook_lines
from ptbterm.terminal.text.hints import resume_command
from ptbterm.terminal.text.numbers import duration
from ptbterm.terminal.text.safe_text import plain_json
from ptbterm.terminal.text.symbols import symbols_for


@contextmanager
def printing_events(view: View, log: Path) -> Iterator[tuple[Callable[[AnyEvent], None], StopFlag]]:
    """Yield a listener that prints each event, and a flag that is set by a signal or a closed pipe.

    In the view `log`, all output from the first event on goes to the file `log`; earlier errors stay on stderr,
    for the process that started the trainer. If writing stdout fails for any reason but a closed pipe, training
    continues silently: the journal has every event. Raises like `open_to_append`.
    """
    log_file = open_to_append(log) if view == "log" else None
    with stop_on_signals() as stop:

        def listener(event: AnyEvent) -> None:
            nonlocal log_file
            if log_file:
                _redirect_output(log_file)
                log_file = None
            try:
                print_event(view, event)
            except OSError as error:
                discard_buffer(sys.stdout)
                if isinstance(error, BrokenPipeError):
                    stop.is_raised = True

        try:
            yield listener, stop
        finally:
            if log_file:
                log_file.close()


def _redirect_output(file: FileIO) -> None:
    """Send everything that this process prints from now on to a file."""
    with file:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())


def print_event(view: View, event: AnyEvent) -> None:
    """Print an event in a view of lines; a warning goes to stderr in every view."""
    if isinstance(event, Warned):
        notice(f"Warning: {event.message}")
        notice(event.hint)
    for line in event_lines(view, event):
        print(line, flush=True)


def event_lines(view: View, event: AnyEvent) -> list[str]:
    """Return the lines that a view prints for an event."""
    if view == "json":
        return [plain_json(encode(event).decode())]
    return [] if view == "none" else notebook_lines(event, symbols_for(sys.stdout.encoding).about)


def report_end(run: Run, end: RunFinished | RunStopped) -> None:
    """Print how the training ended and what to do next; exits 130 if it was stopped."""
    if isinstance(end, RunStopped):
        notice(f"Stopped after window {end.window} of epoch {end.epoch}; everything is saved.")
        notice(f"Resume it: ptbterm resume {run.name}")
        raise typer.Exit(ExitCode.INTERRUPTED)
    report_finished(run, end)


def report_finished(run: Run, end: RunFinished) -> None:
    """Print the result of a training and what to try next."""
    notice(
        f"Trained {run.name} in {duration(end.training_seconds)}; "
        f"best valid perplexity {end.best_valid_perplexity:.3f}, after epoch {end.best_epoch}."
    )
    notice("Try next:")
    for command in ("eval", "generate", "chat"):
        notice(f"  ptbterm {command} {run.name}")


def print_status(run: Run, launch: Launch | None = None) -> None:
    """Print a run's condition and what can be done next; `launch` is a trainer that may still be starting."""
    state = read_state(run)
    match condition(run, state, launch):
        case Condition.RUNNING | Condition.STARTING:
            left = f", about {duration(state.progress.seconds_left)} left" if state.progress else ""
            notice(f"{run.name} continues training{left}.")
            notice(f"  ptbterm watch {run.name}")
            notice(f"  ptbterm runs stop {run.name}")
        case Condition.FINISHED if isinstance(state.end, RunFinished):
            report_finished(run, state.end)
        case Condition.FAILED if isinstance(state.end, RunFailed):
            notice(f"{run.name} failed: {state.end.sentence}")
            notice(f"Resume it: {resume_command(run.name, state.end.change)}")
        case Condition.LOST:
            notice(f"The trainer of {run.name} died.")
            notice(f"Resume it: ptbterm resume {run.name}")
        case Condition.FINISHED:
            notice(f"{run.name} is finished.")
        case Condition.UNKNOWN:
            notice(f"It is unknown whether {run.name} trains: the file system of {run.lock_file} has no locks.")
            notice(f"If it does not, resume it: ptbterm resume {run.name}")
        case Condition.GONE:
            notice(f"The folder of run {run.name} was deleted or renamed.")
            notice("List the runs: ptbterm runs")
        case ended:
            notice(f"{run.name} is {ended}.")
            notice(f"Resume it: ptbterm resume {run.name}")
