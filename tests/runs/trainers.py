"""Processes that hold the lock of a run, as its trainer does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ptbterm.runs.run import Run

TRAINER = """
import sys, time
from pathlib import Path
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
with as_trainer(Run(Path(sys.argv[1]))):
    print("locked", flush=True)
    time.sleep(600)
"""

Process = subprocess.Popen[str]


@contextmanager
def waiting(program: str, *arguments: object) -> Iterator[Process]:
    """Run a Python program that prints a line and waits; kill it at the end."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


@contextmanager
def trainer_of(run: Run) -> Iterator[Process]:
    """Another process that holds the run's lock."""
    with waiting(TRAINER, run.path) as process:
        yield process
