"""What every reader of text for a model gives: words of a vocabulary, and the characters they were read from."""

from dataclasses import dataclass
from typing import Protocol

from ptbterm.corpus.vocabulary import Vocabulary


@dataclass(frozen=True)
class Token:
    """The characters `start` to `end` of a text, and the word they are read as; None if they are skipped."""

    typed: str
    modelled: str | None
    start: int
    end: int


class TextReader(Protocol):
    """Reads text as words of a vocabulary."""

    vocabulary: Vocabulary

    def tokens(self, text: str) -> list[Token]:
        """Split `text` into tokens, in order; together they cover all of it but the spaces."""

    def words(self, text: str) -> list[str]:
        """Return the words that `text` is read as, without what is skipped."""
