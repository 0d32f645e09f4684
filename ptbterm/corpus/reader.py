"""Reads the lines of a corpus as words, by its tokenizer; no vocabulary decides.

The same reader serves training, evaluation and later texts, so the same text always has the same words.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from ptbterm.corpus.marks import READ_AS, RESPELLED
from ptbterm.corpus.tokenizers import treebank, words
from ptbterm.corpus.tokenizers.plain import plain
from ptbterm.settings.schema import CorpusSettings

_CACHED_CHUNKS = 2**17

Parts = tuple[tuple[str, str], ...]
"""Consecutive parts of a text without spaces, each with the word that it is read as; empty for none."""


@dataclass(frozen=True)
class LineReader:
    """The tokenizer of a corpus: `whitespace`, `words` or `ptb`.

    Marks of sentences and of unknown words are read as what they mean, in each of their spellings.
    """

    tokenizer: str = "whitespace"
    lowercase: bool = False

    def words(self, line: str) -> list[str]:
        """Return the words of a line, with `<eos>` for each mark of a sentence's end."""
        if self.tokenizer == "whitespace" and not self.lowercase and line.isascii():
            line_words = line.split()
            if not RESPELLED.isdisjoint(line_words):
                line_words = [word for word in (READ_AS.get(word, word) for word in line_words) if word]
        else:
            line_words = [word for chunk in line.split() for _, word in self.parts(chunk) if word]
        return line_words

    def parts(self, chunk: str) -> Parts:
        """Return the parts of a text without spaces."""
        return _parts_of(self.tokenizer, lowercase=self.lowercase)(chunk)


AS_IT_STANDS = LineReader()
"""Splits at spaces: for texts that are tokenized already."""


def reader_of(settings: CorpusSettings) -> LineReader:
    """Return the reader that settings without `auto` describe."""
    return LineReader(settings.tokenizer, settings.lowercase)


@cache
def _parts_of(tokenizer: str, *, lowercase: bool) -> Callable[[str], Parts]:
    split = _SPLITTERS[tokenizer]

    def read(word: str) -> str:
        word = plain(word)
        mark = READ_AS.get(word)
        return mark if mark is not None else word.lower() if lowercase else word

    @lru_cache(_CACHED_CHUNKS)
    def parts(chunk: str) -> Parts:
        return tuple((typed, read(word)) for typed, word in split(chunk))

    return parts


def _whole(chunk: str) -> Iterator[tuple[str, str]]:
    yield chunk, chunk


def _words(chunk: str) -> Iterator[tuple[str, str]]:
    return ((part, words.spelled(part)) for part in words.split(chunk))


_SPLITTERS: dict[str, Callable[[str], Iterable[tuple[str, str]]]] = {
    "whitespace": _whole,
    "words": _words,
    "ptb": treebank.split,
}
