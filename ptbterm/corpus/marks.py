"""Marks in a text that stand for something else: the start and the end of a sentence, and unknown words."""

import re
from collections.abc import Callable
from typing import TypeVar

UNKNOWN = "<unk>"
END_OF_SENTENCE = "<eos>"

START_MARKS = frozenset({"<s>", "<S>", "<bos>", "<BOS>", "<sos>", "<SOS>", "[CLS]"})
END_MARKS = frozenset({END_OF_SENTENCE, "<EOS>", "</s>", "</S>", "[SEP]", "<|endoftext|>"})
UNKNOWN_MARKS = frozenset({UNKNOWN, "<UNK>", "<Unk>", "<unknown>", "[UNK]", "[unk]", "UNK"})

READ_AS = dict.fromkeys(START_MARKS, "") | dict.fromkeys(END_MARKS, END_OF_SENTENCE)
READ_AS |= dict.fromkeys(UNKNOWN_MARKS, UNKNOWN)
"""The word that each mark is read as; empty for none."""
RESPELLED = frozenset(mark for mark, word in READ_AS.items() if mark != word)

_BRACKETED = sorted(mark for mark in READ_AS if not mark.isalpha())
_WITHIN = re.compile(f"({'|'.join(map(re.escape, _BRACKETED))})")

T = TypeVar("T")


def marks_apart(chunk: str) -> list[str]:
    """Split a text without spaces at its marks in brackets: `end.</s>` into `end.` and `</s>`."""
    if "<" not in chunk and "[" not in chunk:
        return [chunk]
    return [part for part in _WITHIN.split(chunk) if part]


def without_end(line: list[T], read_as: Callable[[T], str | None]) -> list[T]:
    """Return a line without the marks of a sentence's end at its end."""
    last = len(line)
    while last and read_as(line[last - 1]) == END_OF_SENTENCE:
        last -= 1
    return line[:last]
