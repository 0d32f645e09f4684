"""What a model says of a text at the cursor: everything that a screen draws. Free of torch."""

from dataclasses import dataclass, field

from ptbterm.corpus.vocabulary import UNKNOWN
from ptbterm.runs.events import NextWord


@dataclass(frozen=True)
class AnswerOptions:
    """How words are ranked. The bits of words typed depend on `this_sentence` alone: what is read before them."""

    temperature: float = 1.0
    candidates: int = 30
    hide_unknown: bool = False
    cache: bool = False
    this_sentence: bool = False
    ghost: bool = True
    shading: bool = True


@dataclass(frozen=True)
class ScoredToken:
    """A piece of the text and how the model reads it; `modelled` None where it reads nothing.

    `bits` is its surprisal, `rank` its place among all words, `entropy_bits` that of the distribution before it.
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
    """The words of a text, and what may come at the cursor.

    `beginning` is the piece of a word before the cursor; `candidates` then begin so, `share` is what all such
    words have of everything, `count` how many they are; where there are none, it is read as `read_as`, which has
    that share. `before` ranks the words as if nothing stood there. `half_typed` are the pieces of the word that
    the text ends with, judged as if it were finished; `words` are all others. `special` are `<unk>` and `<eos>`
    with their ranks. The `ghost`, how the text may go on, comes later than the rest.
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
        """What `<unk>` has of everything; 0 where it is hidden."""
        return next((word.probability for _, word in self.special if word.word == UNKNOWN), 0.0)
