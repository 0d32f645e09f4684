"""`ptbterm` for tests: in this process, or as a process of its own."""

import io
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path

import pytest

from ptbterm.cli.app import main


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str


Command = Callable[..., Result]
"""What the fixture `ptbterm` returns."""
Process = Callable[..., subprocess.Popen[str]]
"""What the fixture `process` returns."""


def train(home: Path, *arguments: str | Path) -> None:
    """Run `ptbterm train` in this process, for fixtures that several tests share."""
    command = ["train", "--view", "none", *map(str, arguments)]
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(io.StringIO()) as printed:
        patch.setenv("PTBTERM_HOME", str(home))
        patch.setenv("PTBTERM_OFFLINE", "1")
        with pytest.raises(SystemExit) as end:
            main(command)
    assert not end.value.code, printed.getvalue()
