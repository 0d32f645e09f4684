"""The rows of `ptbterm score`: a column is a name and a getter."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ptbterm.terminal.text.safe_text import to_json
from ptbterm.terminal.text.tsv import Value, write_tsv

if TYPE_CHECKING:
    from ptbterm.inference.surprisal import ScoredSentence, WordSurprisal


class Format(StrEnum):
    """The format of the rows."""

    TSV = "tsv"
    CSV = "csv"
    JSONL = "jsonl"


SEPARATORS = {Format.TSV: "\t", Format.CSV: ","}


@dataclass(frozen=True, slots=True)
class ScoredWord:
    """A word, and the one before it in its sentence, None for the first."""

    word: "WordSurprisal"
    previous: "WordSurprisal | None"
    word_counts: Mapping[str, int]


def _frequency(row: ScoredWord) -> int | None:
    """Return the count of the word in the training text, or of its rarest piece; None for an unknown word."""
    if row.word.is_unknown:
        return None
    return min((row.word_counts.get(piece, 0) for piece in row.word.modelled_as.split()), default=None)


def _entropy_reduction_before(row: ScoredWord) -> float | None:
    """Return max(0, entropy before the previous word - entropy before this one): neural-complexity's `entred`."""
    entropy = row.word.entropy_bits
    before = row.previous.entropy_bits if row.previous else entropy
    return None if entropy is None or before is None else max(0.0, before - entropy)


Getter = Callable[[ScoredWord], Value]

PLACE_FIELDS = ("sentence", "position")
WORD_FIELDS: dict[str, Getter] = {
    "word": lambda row: row.word.word,
    "modelled_as": lambda row: row.word.modelled_as,
    "is_unknown": lambda row: row.word.is_unknown,
    "log_probability": lambda row: row.word.log_probability,
    "surprisal_bits": lambda row: row.word.surprisal_bits,
    "rank": lambda row: row.word.rank,
    "entropy_bits": lambda row: row.word.entropy_bits,
}
MORE_FIELDS: dict[str, Getter] = {
    "entropy_reduction": lambda row: row.word.entropy_reduction,
    "entred": _entropy_reduction_before,
    "frequency": _frequency,
    "length": lambda row: len(row.word.word),
    "previous_surprisal": lambda row: row.previous.surprisal_bits if row.previous else None,
}
"""Columns that `--with` adds; to add one, add a line here."""

PAIR_FIELDS = (
    *("pair", "likelier", "surprisal_bits_1", "surprisal_bits_2", "difference_bits"),
    *("first_difference", "first_difference_bits"),
)


def word_header(columns: Sequence[str], more: Sequence[str], guesses: int) -> tuple[str, ...]:
    """Return the header of `word_rows`."""
    ranks = range(1, guesses + 1)
    guessed = (name for rank in ranks for name in (f"guess_{rank}", f"guess_{rank}_probability"))
    fields = (*WORD_FIELDS, *more, *guessed)
    return (*PLACE_FIELDS, *_carried(columns, (*PLACE_FIELDS, *fields)), *fields)


def word_rows(
    scored: Iterable["ScoredSentence"],
    more: Sequence[str],
    guesses: int,
    *,
    per_word: bool,
    ends: bool,
    word_counts: Mapping[str, int],
) -> Iterator[Sequence[Value]]:
    """Yield one row per word: place, the sentence's own columns, `WORD_FIELDS`, `more`, and the guesses."""
    from ptbterm.inference.typed_words import words_as_typed

    getters = (*WORD_FIELDS.values(), *(MORE_FIELDS[name] for name in more))
    for scored_sentence in scored:
        sentence = scored_sentence.sentence
        by_span = per_word or sentence.spans
        words = words_as_typed(scored_sentence) if by_span else list(scored_sentence.words)
        columns: list[Sequence[Value]] = [span.columns for span in sentence.spans]
        columns = columns or [sentence.columns] * len(words)
        if ends and scored_sentence.end:
            words.append(scored_sentence.end)
            columns.append(_common(columns))
        previous: WordSurprisal | None = None
        for position, (word, carried) in enumerate(zip(words, columns, strict=True), 1):
            row = ScoredWord(word, previous, word_counts)
            guessed: list[Value] = [value for guess in word.guesses for value in (guess.word, guess.probability)]
            guessed += [None] * (2 * guesses - len(guessed))
            yield (sentence.number, position, *carried, *(get(row) for get in getters), *guessed)
            previous = word


def _common(columns: Sequence[Sequence[Value]]) -> list[Value]:
    """Return the copied cells that all rows of a text share, and None for the others: those of its `<eos>`."""
    return [cells[0] if len(set(cells)) == 1 else None for cells in zip(*columns, strict=True)]


def pair_header(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the header of `pair_rows`."""
    return (*_carried(columns, PAIR_FIELDS), *PAIR_FIELDS)


def pair_rows(scored: Iterable["ScoredSentence"], *, per_word: bool) -> Iterator[Sequence[Value]]:
    """Yield one row per pair: the first sentence's own columns and `PAIR_FIELDS`."""
    from ptbterm.inference.minimal_pairs import compare
    from ptbterm.inference.typed_words import words_as_typed

    sentences = iter(scored)
    for pair in zip(sentences, sentences, strict=True):
        compared = compare(*(words_as_typed(sentence) if per_word else sentence.words for sentence in pair))
        yield (
            *pair[0].sentence.columns,
            pair[0].sentence.number,
            compared.likelier,
            compared.surprisal_bits_1,
            compared.surprisal_bits_2,
            compared.difference_bits,
            compared.first_difference,
            compared.first_difference_bits,
        )


def _carried(columns: Sequence[str], fields: Sequence[str]) -> Iterator[str]:
    """Yield the names of copied columns: `input_NAME` if a field of ours has that name."""
    for column in columns:
        name = column
        while name in fields or (name != column and name in columns):
            name = f"input_{name}"
        yield name


def write_rows(output: Format, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows to stdout as they arrive, the header with the first one: nothing without rows."""
    if output is Format.JSONL:
        for row in rows:
            print(to_json(dict(zip(header, row, strict=True))))
        return
    write_tsv(sys.stdout, _with_header(header, rows), SEPARATORS[output])


def _with_header(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    for number, row in enumerate(rows):
        if not number:
            yield header
        yield row
