"""The rows of `ptbterm score`: their fields, and how they are written."""

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from ptbterm.terminal.text.safe_text import to_json
from ptbterm.terminal.text.tsv import Value, write_tsv

if TYPE_CHECKING:
    from ptbterm.inference.surprisal import ScoredSentence, WordSurprisal


class Format(StrEnum):
    """How rows are written."""

    TSV = "tsv"
    JSONL = "jsonl"


FIELDS = (
    *("sentence", "position", "word", "modelled_as", "is_unknown"),
    *("log_probability", "surprisal_bits", "rank", "entropy_bits"),
)
PAIR_FIELDS = (
    *("pair", "likelier", "surprisal_bits_1", "surprisal_bits_2", "difference_bits"),
    *("first_difference", "first_difference_bits"),
)
PAIR_COLUMNS = ("sentence_1", "sentence_2")
MORE_FIELDS = ("entropy_reduction", "frequency", "length", "previous_surprisal")


def word_header(columns: Sequence[str], more: tuple[str, ...], guesses: int) -> tuple[str, ...]:
    """Return what the values of `word_rows` are called."""
    ranks = range(1, guesses + 1)
    fields = (*FIELDS, *more, *(name for rank in ranks for name in (f"guess_{rank}", f"guess_{rank}_probability")))
    return (*fields[:2], *_carried(columns, fields), *fields[2:])


def word_rows(
    scored: Iterable["ScoredSentence"],
    more: tuple[str, ...],
    guesses: int,
    *,
    per_word: bool,
    ends: bool,
    word_counts: Mapping[str, int],
) -> Iterator[Sequence[Value]]:
    """Yield a row a word: `FIELDS`, the sentence's own columns after the first two, `more`, and the guesses."""
    from ptbterm.inference.typed_words import words_as_typed

    for number, sentence in enumerate(scored, 1):
        words = words_as_typed(sentence) if per_word else list(sentence.words)
        if ends and sentence.end:
            words.append(sentence.end)
        previous: float | None = None
        for position, word in enumerate(words, 1):
            extra = {
                "entropy_reduction": word.entropy_reduction,
                "frequency": _frequency(word, word_counts),
                "length": len(word.word),
                "previous_surprisal": previous,
            }
            guessed: list[Value] = [value for guess in word.guesses for value in (guess.word, guess.probability)]
            guessed += [None] * (2 * guesses - len(guessed))
            added = (extra[name] for name in more)
            yield (number, position, *sentence.sentence.columns, *_figures(word), *added, *guessed)
            previous = word.surprisal_bits


def _figures(word: "WordSurprisal") -> tuple[Value, ...]:
    return (
        word.word,
        word.modelled_as,
        word.is_unknown,
        word.log_probability,
        word.surprisal_bits,
        word.rank,
        word.entropy_bits,
    )


def _frequency(word: "WordSurprisal", word_counts: Mapping[str, int]) -> int | None:
    """Return how often the word is in the training text, or its rarest piece; None for an unknown word."""
    if word.is_unknown:
        return None
    return min((word_counts.get(piece, 0) for piece in word.modelled_as.split()), default=None)


def pair_header(columns: Sequence[str]) -> tuple[str, ...]:
    """Return what the values of `pair_rows` are called."""
    return (*_carried(columns, PAIR_FIELDS), *PAIR_FIELDS)


def pair_rows(scored: Iterable["ScoredSentence"], *, per_word: bool) -> Iterator[Sequence[Value]]:
    """Yield a row a pair, of the sentences' own columns and `PAIR_FIELDS`."""
    from ptbterm.inference.minimal_pairs import compare
    from ptbterm.inference.typed_words import words_as_typed

    sentences = iter(scored)
    for number, (first, second) in enumerate(zip(sentences, sentences, strict=True), 1):
        words = [words_as_typed(one) if per_word else one.words for one in (first, second)]
        pair = compare(*words)
        yield (
            *first.sentence.columns,
            number,
            pair.likelier,
            pair.surprisal_bits_1,
            pair.surprisal_bits_2,
            pair.difference_bits,
            pair.first_difference,
            pair.first_difference_bits,
        )


def _carried(columns: Sequence[str], fields: Sequence[str]) -> Iterator[str]:
    """Yield the names of columns carried through: `input_NAME` where a field of ours has the name."""
    for column in columns:
        name = column
        while name in fields or (name != column and name in columns):
            name = f"input_{name}"
        yield name


def write(output: Format, header: tuple[str, ...], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows as they come."""
    if output is Format.JSONL:
        for row in rows:
            print(to_json(dict(zip(header, row, strict=True))))
        return
    write_tsv(sys.stdout, itertools.chain([header], rows))
