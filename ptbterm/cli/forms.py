"""Says in which form a text was read, and suggests the other one where that would know more words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ptbterm.cli.printing import notice
from ptbterm.corpus.corpus_text import reads_as_typed
from ptbterm.corpus.marks import UNKNOWN

if TYPE_CHECKING:
    from ptbterm.inference.trained_model import TrainedModel

MAX_COLLECTED = 100_000


def how_read(trained: "TrainedModel") -> str:
    """Return how a model reads texts, with the option or setting that says so."""
    if reads_as_typed(trained.record.corpus, trained.form):
        return "as typed text (--form typed)"
    tokenizer = trained.record.corpus.tokenizer
    return {
        "whitespace": "as tokenized text, split at spaces (--form corpus)",
        "words": "with words and punctuation apart (corpus.tokenizer=words)",
        "ptb": "by the conventions of the Penn Treebank (corpus.tokenizer=ptb)",
    }[tokenizer]


class UnknownWords:
    """The different words of a text that were read as `<unk>`, at most `MAX_COLLECTED`."""

    def __init__(self) -> None:
        self._words = set[str]()

    def add(self, words: Iterable[str]) -> None:
        """Collect words as they stand in the text."""
        if len(self._words) < MAX_COLLECTED:
            self._words.update(words)

    def suggest_typed(self, trained: "TrainedModel") -> None:
        """Print how many of the words would be known if the text were read as typed."""
        corpus = trained.record.corpus
        if not self._words or reads_as_typed(corpus, trained.form) or not reads_as_typed(corpus, "typed"):
            return
        typed = trained.reader("typed")
        known = sum(1 for word in self._words if UNKNOWN not in typed.words(word))
        if known:
            notice(f"Of {len(self._words):,} different unknown words, {known:,} would be known with --form typed.")
