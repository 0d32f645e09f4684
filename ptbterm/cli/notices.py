"""Sentences for people, on stderr: stdout is for results."""

import sys

from ptbterm.terminal.safe_text import visible


def notice(sentence: str) -> None:
    """Print a sentence that is no result."""
    print(visible(sentence), file=sys.stderr, flush=True)
