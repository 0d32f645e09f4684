"""Sentences for people, on stderr: stdout is for results."""

import os
import sys
from typing import TextIO

from ptbterm.terminal.text.safe_text import visible


def notice(sentence: str) -> None:
    """Print a sentence that is no result; where stderr can't be written, there is nobody to tell."""
    try:
        print(visible(sentence), file=sys.stderr, flush=True)
    except OSError:
        drop_what_waits(sys.stderr)


def ask(question: str, *, default: bool) -> bool:
    """Ask whoever sits at the terminal; an empty answer is the default, no answer at all is no."""
    print(visible(question), end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in {"y", "yes"} or (default and answer == "\n")


def drop_what_waits(stream: TextIO) -> None:
    """Drop what a stream could not write, and all that is printed there from now on: Python would try again."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), stream.fileno())
