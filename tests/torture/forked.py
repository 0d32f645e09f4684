"""`ptbterm` as processes that are forked with torch loaded: each is at work in milliseconds instead of seconds."""

import faulthandler
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from ptbterm.__main__ import main
from ptbterm.cli import chat, embeddings, evaluate, generate, resume, runs, score, train  # noqa: F401
from ptbterm.inference import adapted_run, trained_model  # noqa: F401
from ptbterm.training import session  # noqa: F401

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130
CRASHED = 99
"""Exit code of an exception that `main` let through."""


@dataclass
class Forked:
    """A command at work: its process id, and the file of what it prints."""

    pid: int
    output: Path

    def wait(self) -> int:
        """Wait for its end; return its exit code, or below zero the signal that ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def send(self, number: int) -> None:
        """Send a signal; a process that has ended and was not waited for ignores it."""
        os.kill(self.pid, number)

    def printed(self) -> str:
        return self.output.read_text("utf-8", "replace")


def start(arguments: list[str], output: Path) -> Forked:
    """Start `ptbterm ARGUMENTS...`; both of its output streams go to a file."""
    assert torch.get_num_threads() == 1, "set OMP_NUM_THREADS=1: a fork has no OpenMP threads of its parent's"
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until the command can handle them
    if pid := os.fork():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return Forked(pid, output)
    code = CRASHED
    try:
        faulthandler.disable()
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        _redirect(output)
        sys.argv = ["ptbterm", *arguments]
        _unblock()
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        finally:  # a signal may arrive here, after the command
            os._exit(code)


def run(arguments: list[str], output: Path) -> str:
    """Run a command that must succeed; return what it printed."""
    command = start(arguments, output)
    code = command.wait()
    assert code == 0, f"ptbterm {' '.join(arguments)}: exit code {code}\n{command.printed()}"
    return command.printed()


def _unblock() -> None:
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _redirect(output: Path) -> None:
    """Give the process streams of its own, opened as the interpreter opens them."""
    source = os.open(os.devnull, os.O_RDONLY)
    target = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(source, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
