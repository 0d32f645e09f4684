"""Sentences for people, on stderr: stdout is for results."""

import sys

from ptbterm.terminal.safe_text import visible


def notice(sentence: str) -> None:
    """Print a sentence that is no result."""
    print(visible(sentence), file=sys.stderr, flush=True)


def ask(question: str, *, default: bool) -> bool:
    """Ask whoever sits at the terminal; an empty answer is the default, no answer at all is no."""
    print(visible(question), end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in {"y", "yes"} or (default and answer == "\n")
