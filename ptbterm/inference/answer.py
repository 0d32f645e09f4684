"""A model's answer about a text at a cursor: everything that a screen draws. Free of torch."""

from dataclasses import dataclass, field

from ptbterm.corpus.marks import UNKNOWN
from ptbterm.runs.events import NextWord


@dataclass(frozen=True)
class AnswerOptions:
    """How words are ranked. The scores of typed words depend on `this_sentence` only: what is read before them."""

    temperature: float = 1.0
    candidates: int = 30
    hide_unknown: bool = False
    cache: bool = False
    this_sentence: bool = False
    ghost: bool = True
    shading: bool = True


@dataclass(frozen=True)
class ScoredToken:
    """A token of the text (`typed_text.Token`) with its surprisal in bits, its rank, and the entropy before it.

    The scores of a token that is not read, with `modelled` None, are 0.
    """

    typed: str
    modelled: str | None
    is_unknown: bool
    bits: float
    rank: int
    entropy_bits: float
    start: int
    end: int


@dataclass(frozen=True)
class Answer:
    """The scored words of a text, and the ranked words for its cursor.

    `beginning` is the part of a word before the cursor. `candidates` are the most probable words with that
    beginning, `count` is the number of such words and `share` the sum of their probabilities; if `count` is 0,
    `share` is the probability of `read_as`, the word that the beginning is read as. `before` ranks the words as if
    the beginning had not been typed. `half_typed` are the tokens of the word at the end of the text, scored as if
    it were complete; `words` are all others. `special` are `<eos>` and `<unk>` with their ranks. The `ghost` text,
    a continuation, is added later.
    """

    text: str
    cursor: int
    words: tuple[ScoredToken, ...] = ()
    half_typed: tuple[ScoredToken, ...] = ()
    beginning: str = ""
    read_as: str = ""
    candidates: tuple[NextWord, ...] = ()
    share: float = 1.0
    count: int = 0
    special: tuple[tuple[int, NextWord], ...] = ()
    before: tuple[NextWord, ...] = ()
    entropy_bits: float = 0.0
    ghost: tuple[str, ...] = ()
    options: AnswerOptions = field(default_factory=AnswerOptions)

    @property
    def unknown_share(self) -> float:
        """The probability of `<unk>`; 0 if it is hidden."""
        return next((word.probability for _, word in self.special if word.word == UNKNOWN), 0.0)
