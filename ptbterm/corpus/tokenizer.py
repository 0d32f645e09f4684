"""Ordinary words to the corpus's words."""

import re

from ptbterm.corpus.vocabulary import UNKNOWN, Vocabulary

NUMBER = "N"
_DIGITS = re.compile(r"[+-]?\d[\d,.]*")


def read_words(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of `text` as the model reads them: as typed, else in lower case, else `<unk>`.

    Numbers are read as `N` where the corpus writes them so.
    """
    return [_read_word(word, vocabulary) for word in text.split()]


def _read_word(word: str, vocabulary: Vocabulary) -> str:
    candidates = [word, word.lower()]
    if _DIGITS.fullmatch(word):
        candidates.append(NUMBER)
    return next((candidate for candidate in candidates if candidate in vocabulary), UNKNOWN)
