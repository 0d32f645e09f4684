"""The types of two fixtures: `ptbterm` runs a command in this process, `process` starts one of its own."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str


Command = Callable[..., Result]
Process = Callable[..., subprocess.Popen[str]]
