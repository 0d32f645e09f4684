"""The vocabulary of a model: its words and their ids."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import overload

import numpy as np
import numpy.typing as npt

from ptbterm.corpus.marks import END_OF_SENTENCE, UNKNOWN
from ptbterm.errors import PtbtermError
from ptbterm.files import MAX_BYTES, is_file, read_text

type_of_id = np.dtype("<i4")
_CHUNK_SENTENCES = 4096
MAX_WORD_CHARACTERS = 4_096
MAX_WORD_BYTES, MAX_COUNT_BYTES = 4 * MAX_WORD_CHARACTERS, 32
"""Limits of a file by its number of words: bytes of a word, on average, and of a count."""


class Vocabulary(Sequence[str]):
    """Words in the order of their ids, `<unk>` and `<eos>` among them; any other word is read as `<unk>`."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)
        self._ids = {word: number for number, word in enumerate(self._words)}
        self.unknown_id = self._ids[UNKNOWN]
        self.end_of_sentence_id = self._ids[END_OF_SENTENCE]

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[str]: ...
    def __getitem__(self, number: int | slice) -> str | Sequence[str]:
        return self._words[number]

    def id_of(self, word: str) -> int:
        """Return the word's id, or that of `<unk>`."""
        return self._ids.get(word, self.unknown_id)

    def known_id(self, word: str) -> int:
        """Return the word's id; raises `PtbtermError` for an unknown word and suggests the nearest known one."""
        if word not in self._ids:
            near = difflib.get_close_matches(word.lower(), self._words, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Use one of its {len(self):,} words."
            raise PtbtermError(f"The model does not know the word {word!r}.", hint)
        return self._ids[word]

    def as_text(self) -> str:
        """Return the words one per line, in the order of their ids, as `read_vocabulary` expects them."""
        return "".join(f"{word}\n" for word in self._words)

    def encode(
        self, sentences: Iterable[Sequence[str]], outside: set[str] | None = None
    ) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the ids of all words in order, in one-dimensional chunks of a few thousand sentences.

        Words that are not in the vocabulary are added to `outside`.
        """
        get, unknown, remaining = self._ids.get, self.unknown_id, iter(sentences)
        while chunk := [word for words in islice(remaining, _CHUNK_SENTENCES) for word in words]:
            if outside is not None:
                outside.update(word for word in chunk if word not in self._ids)
            yield np.array([get(word, unknown) for word in chunk], dtype=type_of_id)


def build_vocabulary(counts: Counter[str], size: int, minimum_count: int) -> Vocabulary:
    """Return the words of the training text sorted by (-count, word), as in the notebook.

    It has at most `size` words, each with a count of at least `minimum_count`, and always `<eos>` and `<unk>`,
    whose count is that of all words left out.
    """
    reserved = {UNKNOWN, END_OF_SENTENCE}
    frequent = [word for word, count in counts.items() if count >= minimum_count and word not in reserved]
    # tour shows: order
    kept = sorted(frequent, key=lambda word: (-counts[word], word))[: size - len(reserved)]
    kept_counts = {word: counts[word] for word in [*kept, END_OF_SENTENCE]}
    kept_counts[UNKNOWN] = counts.total() - sum(kept_counts.values())
    return Vocabulary(sorted(kept_counts, key=lambda word: (-kept_counts[word], word)))


def smallest_effective_minimum(counts: Iterable[int]) -> int:
    """Return the lowest minimum count by which a word is left out, from the counts of all words."""
    return min((count for count in counts if count), default=0) + 1


def read_word_counts(path: Path, words: int) -> list[int]:
    """Read the counts of `words` words in the training text, one number per line.

    Raises `PtbtermError` with the file's name if it is missing or damaged.
    """
    if not is_file(path):
        raise PtbtermError(
            f"{path} is missing: the run was made before word counts were saved.",
            "Train it again, or leave out frequency.",
        )
    try:
        counts = [int(line) for line in read_text(path, MAX_COUNT_BYTES * (words + 1)).split()]
    except ValueError as error:
        raise PtbtermError(f"{path} is damaged: {error}.") from error
    if len(counts) != words:
        raise PtbtermError(f"{path} is damaged: it has {len(counts):,} counts, not {words:,}.")
    return counts


def read_vocabulary(path: Path, expected_words: int | None = None) -> Vocabulary:
    """Read a vocabulary, one word per line; the line's number, from 0, is the id.

    Raises `PtbtermError` with the file's name if it is missing or damaged, or much too large for `expected_words`.
    """
    limit = MAX_BYTES if expected_words is None else MAX_WORD_BYTES * (expected_words + 1)
    words = read_text(path, min(limit, MAX_BYTES)).removesuffix("\n").split("\n")
    try:
        vocabulary = Vocabulary(words)
    except KeyError as error:
        raise PtbtermError(f"{path} is damaged: it has no line {error.args[0]}.") from error
    if len(set(words)) != len(words) or "" in words:
        raise PtbtermError(f"{path} is damaged: it has an empty line or a repeated word.")
    return vocabulary
