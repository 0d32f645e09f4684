"""Marks in a text that stand for something else: the ends of sentences, and unknown words."""

from collections.abc import Callable
from typing import TypeVar

UNKNOWN = "<unk>"
END_OF_SENTENCE = "<eos>"

START_MARKS = frozenset({"<s>", "<bos>"})
END_MARKS = frozenset({END_OF_SENTENCE, "</s>"})
UNKNOWN_MARKS = frozenset({"<UNK>", "<Unk>", "<unknown>", "[UNK]", "UNK"})
"""Other spellings of `<unk>`."""

T = TypeVar("T")


def between_marks(line: list[T], written: Callable[[T], str]) -> list[T]:
    """Return a line without a mark of a sentence's start at its start, and one of its end at its end."""
    first = 1 if line and written(line[0]) in START_MARKS else 0
    last = len(line) - 1 if len(line) > first and written(line[-1]) in END_MARKS else len(line)
    return line if (first, last) == (0, len(line)) else line[first:last]
