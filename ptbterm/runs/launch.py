"""Starts ptbterm as a separate process: detached trainers, and commands that borrow the terminal."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from ptbterm import environment
from ptbterm.runs.run import Run


@dataclass
class Launch:
    """A trainer that was started detached from this terminal, which it outlives."""

    process: "subprocess.Popen[bytes]"
    errors: IO[bytes]
    at: datetime

    def is_alive(self) -> bool:
        """Return whether it is still running."""
        return self.process.poll() is None

    def has_failed(self) -> bool:
        """Return whether it ended with an error."""
        return (self.process.poll() or 0) not in (0, 130)

    def complaint(self) -> str:
        """Return, once, its output on stderr from before it had a log."""
        with self.errors:
            self.errors.seek(0)
            return self.errors.read().decode(errors="replace")


def start_detached(arguments: Sequence[str]) -> Launch:
    """Start `ptbterm ARGUMENTS...` in a session of its own, so that closing the terminal does not end it."""
    now = datetime.now(UTC)
    errors = tempfile.TemporaryFile()  # noqa: SIM115
    process = subprocess.Popen(  # noqa: S603
        command(arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
        env=environment.of_children(),
    )
    return Launch(process, errors, now)


def resume_detached(run: Run, assignments: Sequence[str] = ()) -> Launch:
    """Start a trainer that resumes a run, with `key=value` settings changed."""
    changes = (f"--set={assignment}" for assignment in assignments)
    return start_detached(["resume", str(run.path), "--view", "log", *changes])


def run_here(arguments: Sequence[str]) -> None:
    """Run `ptbterm ARGUMENTS...` in this terminal until it ends."""
    subprocess.run(command(arguments), check=False, env=environment.of_children())  # noqa: S603


def command(arguments: Sequence[str]) -> list[str]:
    """Return the command line of `ptbterm ARGUMENTS...`.

    Without `-P`, Python files in the current folder (a random.py, a torch.py) would be imported and executed.
    """
    return [sys.executable, "-P", "-m", "ptbterm", *arguments]
