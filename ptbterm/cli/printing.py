"""Sentences for people, on stderr: stdout is for results. Imports nothing heavy."""

import os
import sys
from typing import TextIO

from ptbterm.terminal.text.safe_text import visible


def notice(sentence: str) -> None:
    """Print a sentence on stderr: stdout is for results. A stderr that can't be written is ignored."""
    try:
        print(visible(sentence), file=sys.stderr, flush=True)
    except OSError:
        discard_buffer(sys.stderr)


def ask(question: str, *, default: bool) -> bool:
    """Ask on the terminal; an empty line means the default, end of input means no."""
    print(visible(question), end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in {"y", "yes"} or (default and answer == "\n")


def discard_buffer(stream: TextIO) -> None:
    """Discard what a stream could not write, and everything printed later: Python would try again at exit."""
    with open(os.devnull, "w", encoding="utf-8") as devnull:  # noqa: PTH123
        os.dup2(devnull.fileno(), stream.fileno())
