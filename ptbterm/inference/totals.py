"""Sums over scored words, and their perplexity."""

from dataclasses import dataclass

from ptbterm.errors import PtbtermError
from ptbterm.inference.evaluation import perplexity
from ptbterm.inference.scoring import NATS_PER_BIT
from ptbterm.inference.surprisal import ScoredSentence
from ptbterm.inference.typed_words import count_empty


@dataclass
class Totals:
    """Sums over words as modelled, ends of sentences included; `nats` are sums of -log p.

    `empty` counts sentences without words, and rows of a text without one.
    """

    words: int = 0
    ends: int = 0
    unknown_words: int = 0
    nats: float = 0.0
    unknown_nats: float = 0.0
    empty: int = 0
    _has_begun: bool = False

    def add(self, scored: ScoredSentence, *, in_stream: bool = False, with_end: bool = False) -> None:
        """Count the words of a sentence, and its end on request.

        In a stream the ends count, and the first word of the stream does not, as in `evaluation`.
        """
        words = scored.words[1:] if in_stream and not self._has_begun else scored.words
        self._has_begun |= bool(scored.words)
        end = scored.end if in_stream or with_end else None
        self.empty += count_empty(scored)
        self.ends += end is not None
        for word in (*words, end) if end else words:
            nats = -(word.log_probability or 0.0)
            self.words += 1
            self.nats += nats
            if word.is_unknown:
                self.unknown_words += 1
                self.unknown_nats += nats

    def check(self) -> None:
        """Raise `PtbtermError` if no word was counted: perplexity would be undefined."""
        if not self.words:
            raise PtbtermError("The text has no words to score.", "Put one sentence on each line.")

    @property
    def perplexity(self) -> float:
        """exp(nats / words) over all words."""
        return perplexity(self.nats, self.words)

    @property
    def known_perplexity(self) -> float | None:
        """The perplexity of the words in the vocabulary; None if all are unknown."""
        known_words = self.words - self.unknown_words
        return perplexity(self.nats - self.unknown_nats, known_words) if known_words else None

    @property
    def bits_per_word(self) -> float:
        """log2 of the perplexity."""
        return self.nats / self.words / NATS_PER_BIT
