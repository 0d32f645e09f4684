"""Ordinary text to the corpus's words."""

import re
from dataclasses import dataclass

from ptbterm.corpus.vocabulary import UNKNOWN, Vocabulary

NUMBER = "N"
_DIGITS = re.compile(r"[+-]?\d[\d,.]*")


@dataclass(frozen=True)
class Reading:
    """A piece of text, from `start` to `end`, and the word as which the model reads it; None if it reads none."""

    typed: str
    modelled: str | None
    start: int
    end: int


def read_text(text: str, vocabulary: Vocabulary) -> list[Reading]:
    """Return how each piece of `text` is read: as typed, else in lower case, else `<unk>`.

    Numbers are read as `N` where the corpus writes them so.
    """
    return [
        Reading(match[0], _read_word(match[0], vocabulary), match.start(), match.end())
        for match in re.finditer(r"\S+", text)
    ]


def read_words(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of `text` as the model reads them."""
    return [reading.modelled for reading in read_text(text, vocabulary) if reading.modelled is not None]


def _read_word(word: str, vocabulary: Vocabulary) -> str:
    candidates = [word, word.lower()]
    if _DIGITS.fullmatch(word):
        candidates.append(NUMBER)
    return next((candidate for candidate in candidates if candidate in vocabulary), UNKNOWN)
