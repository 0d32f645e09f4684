# ruff: noqa: RUF001 (typographic quotes and dashes are what this file is about)
"""Reads ordinary typed text as the words of a vocabulary.

The vocabulary alone decides how: a word in it is kept, and other text is split as the Penn Treebank splits it
where the vocabulary has the parts. So text in the corpus's own form is read unchanged, word for word.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ptbterm.corpus.marks import READ_AS, UNKNOWN, marks_apart
from ptbterm.corpus.text_reader import Token
from ptbterm.corpus.tokenizers.plain import plain
from ptbterm.corpus.vocabulary import Vocabulary

NUMBER = "N"

_ALSO_WRITTEN = {
    "%": (NUMBER,),  # the preprocessed Penn Treebank writes 12 % as "N N"
    "£": ("#",),  # the Penn Treebank's sign for pounds
    "…": ("...",),
    "...": ("…",),
    "-": ("--", "–", "—"),
    "--": ("—", "–", "-"),
    "–": ("--", "—", "-"),
    "—": ("--", "–", "-"),
    "(": ("-LRB-", "-lrb-"),
    ")": ("-RRB-", "-rrb-"),
    "[": ("-LSB-", "-lsb-"),
    "]": ("-RSB-", "-rsb-"),
    "{": ("-LCB-", "-lcb-"),
    "}": ("-RCB-", "-rcb-"),
}
_RESPELLED = re.compile(r"['/\d]|[^\x00-\x7f]")
_PLAIN = str.maketrans("’‘ʼ‐‑", "'''--")

_DIGITS = r"\d+(?:(?:[.,:/–-]|\\/)\d+)*"
_NUMBER = re.compile(rf"[+−–-]?\.?{_DIGITS}")
_NUMBER_START = re.compile(r"[+−–-]?\.?\d")
_NUMBER_IN_COMPOUND = re.compile(rf"(?<!\w){_DIGITS}(?!\w)")
_JOINING = "-,."
"""Signs within words, which wikitext writes between at signs."""
_HYPHENATED = re.compile(r"[^\W\d_]-[^\W\d_]")
_SYMBOL_THEN_NUMBER = re.compile(r"([^\W\d_]{0,3}[$¢£¥€₩₹₽₿#])(\.?\d.*)")
_NUMBER_THEN_SYMBOL = re.compile(r"(.*\d)([$¢£¥€₩₹₽₿%])")

_MARK = re.compile(r"``|''|\.{2,}|-{2,}|.", re.DOTALL)
_MARK_BETWEEN_WORDS = re.compile(r"(\.{2,}|-{2,}|[…—]|(?<!\d)–|–(?!\d)|[,;:?!](?![\d/])|[()\[\]{}])")
_REPEATED = {"..": "...", "--": "--"}
_SPOKEN_MARKS = "#%&@§‰"
_UNSPOKEN_SYMBOLS = "`´<>"
_MAX_MARKS_OF_A_WORD = 2

_SINGLE_QUOTES = ("'", "‘", "’", "‚", "‹", "›", "`", "´")
_DOUBLE_QUOTES = ('"', "``", "''", "“", "”", "„", "«", "»")

_NEGATION = re.compile("n['’]t$", re.IGNORECASE)
_POSSESSIVE = re.compile("s['’](?!['’])", re.IGNORECASE)
_APOSTROPHE = re.compile("['’]")
_CONTRACTIONS = ("can not", "gon na", "got ta", "wan na", "gim me", "lem me")
_CONTRACTED_AT = {parts.replace(" ", ""): parts.index(" ") for parts in _CONTRACTIONS}
_MAX_CLITICS = 3

_Parts = Iterator[tuple[str, str | None]]
"""Consecutive parts of a text without spaces, each with the word it is read as; None for a skipped part."""


@dataclass(frozen=True)
class _Quotes:
    """Spellings of the quotes on one side of a word, in order of preference."""

    single: tuple[str, ...]
    double: tuple[str, ...]


_OPENING = _Quotes(("`", "‘", "'"), ("``", '"', "“", "„", "«"))
_CLOSING = _Quotes(("'", "’"), ("''", '"', "”", "“", "»"))


class TypedTextReader:
    """Splits typed text into words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._has_number_mark = _has_number_mark(vocabulary)
        self._joints: dict[str, str | None] = {sign: f"@{sign}@" for sign in _JOINING if f"@{sign}@" in vocabulary}
        if "-" not in self._joints and not any(map(_HYPHENATED.search, vocabulary)):
            self._joints["-"] = "-" if "-" in vocabulary else None
        self._joint = re.compile(rf"(?<=\w)({'|'.join(map(re.escape, self._joints))})(?=\w)")

    def tokens(self, text: str) -> list[Token]:
        """Split `text` into tokens, in order; together they cover all of it but the spaces.

        A token is read as typed, else in lower case or another spelling that the vocabulary has, else in parts
        (don't, $5), else as `<unk>`. Punctuation that the vocabulary lacks is skipped.
        """
        tokens = []
        for match in re.finditer(r"\S+", text):
            start = match.start()
            for typed, modelled in self._read(match[0]):
                end = start + len(typed)
                tokens.append(Token(typed, modelled, start, end))
                start = end
        return tokens

    def words(self, text: str) -> list[str]:
        """Return the words that `text` is read as, without what is skipped."""
        parts = (part for chunk in text.split() for part in self._read(chunk))
        return [modelled for _, modelled in parts if modelled is not None]

    def _read(self, chunk: str) -> _Parts:
        parts = [chunk] if chunk in self.vocabulary else marks_apart(chunk)
        for part in parts:
            mark = READ_AS.get(plain(part))
            if mark is not None:
                yield part, mark or None
            elif word := self._match(part):
                yield part, word
            else:
                yield from self._read_in_parts(part)

    def _match(self, chunk: str) -> str | None:
        """Return the word of the vocabulary that `chunk` spells in any way, if there is one."""
        if chunk in self.vocabulary:
            return chunk
        spellings = _spellings(chunk, with_numbers=self._has_number_mark)
        return next((word for word in spellings if word in self.vocabulary), None)

    def _read_in_parts(self, chunk: str) -> _Parts:
        start, end = self._core(chunk)
        yield from self._read_marks(chunk[:start], _OPENING)
        if start < end:
            yield from self._read_core(chunk[start:end])
        yield from self._read_marks(chunk[end:], _CLOSING)

    def _core(self, chunk: str) -> tuple[int, int]:
        """Return the bounds of the word between opening and closing marks; `mr.` keeps its own mark."""
        start, end = _inside_marks(chunk)
        if start == end:
            return start, end
        if _POSSESSIVE.match(chunk, end - 1) and self._match("'"):
            end += 1
        firsts = range(max(start - _MAX_MARKS_OF_A_WORD, 0), start + 1)
        lasts = range(min(end + _MAX_MARKS_OF_A_WORD, len(chunk)), end - 1, -1)
        words_with_marks = (bounds for bounds in product(firsts, lasts) if self._match(chunk[slice(*bounds)]))
        return next(words_with_marks, (start, end))

    def _read_marks(self, marks: str, quotes: _Quotes) -> _Parts:
        for match in _MARK.finditer(marks):
            spellings = self._mark_spellings(match[0], quotes)
            yield match[0], next((word for spelling in spellings if (word := self._match(spelling))), None)

    def _mark_spellings(self, mark: str, quotes: _Quotes) -> tuple[str, ...]:
        if mark in _DOUBLE_QUOTES:
            return (mark, *quotes.double)
        if mark in _SINGLE_QUOTES:
            return quotes.single if self._has_quotes() else ()
        return (mark, _REPEATED.get(mark[:2], mark))

    def _has_quotes(self) -> bool:
        """Return whether `'` may be a quote; in a corpus without quotes it is only that of `the companies '`."""
        return any(quote in self.vocabulary for quote in _DOUBLE_QUOTES)

    def _read_core(self, core: str) -> _Parts:
        if word := self._match(core):
            yield core, word
            return
        joined = [chunk for chunk in _MARK_BETWEEN_WORDS.split(core) if chunk]
        if len(joined) > 1:
            for chunk in joined:
                yield from self._read(chunk)
            return
        for part in self._split_word(core):
            yield from self._read_joined(part) if self._joints else [(part, self._match(part) or UNKNOWN)]

    def _read_joined(self, word: str) -> _Parts:
        """Read a word in parts as the corpus writes them: well-known as `well @-@ known` or `well - known`."""
        if known := self._match(word):
            yield word, known
            return
        for part in self._joint.split(word):
            yield part, self._joints[part] if part in self._joints else self._match(part) or UNKNOWN

    def _split_word(self, word: str) -> list[str]:
        clitics: list[str] = []
        while len(clitics) < _MAX_CLITICS and not self._match(word) and (cut := self._clitic_start(word)):
            clitics.insert(0, word[cut:])
            word = word[:cut]
        return [*self._split_symbols(word), *clitics]

    def _clitic_start(self, word: str) -> int:
        """Return where to split off a part that is in the vocabulary (do|n't, it|'s, l'|homme); 0 if nowhere."""
        apostrophes = [match.start() for match in _APOSTROPHE.finditer(word)]
        if not apostrophes:
            cut = _CONTRACTED_AT.get(word.lower(), 0)
            return cut if cut and self._match(word[:cut]) and self._match(word[cut:]) else 0
        if _NEGATION.search(word) and self._match(word[-3:]):
            return len(word) - 3
        if self._match(word[apostrophes[-1] :]):
            return apostrophes[-1]
        return apostrophes[0] + 1 if self._match(word[: apostrophes[0] + 1]) else 0

    def _split_symbols(self, word: str) -> list[str]:
        if (match := _SYMBOL_THEN_NUMBER.fullmatch(word)) and self._match(match[1]):
            return [match[1], *self._split_symbols(match[2])]
        if (match := _NUMBER_THEN_SYMBOL.fullmatch(word)) and self._match(match[2]):
            return [match[1], match[2]]
        return [word]


def _has_number_mark(vocabulary: Vocabulary) -> bool:
    """Return whether `N` stands for any number: no other word has capitals, and no number is more frequent."""
    first = next((word for word in vocabulary if word == NUMBER or _NUMBER.fullmatch(word)), None)
    return first == NUMBER and all(word == NUMBER or word == word.lower() for word in vocabulary)


def _spellings(chunk: str, *, with_numbers: bool) -> Iterator[str]:
    yield chunk.lower()
    if with_numbers or chunk != "%":
        yield from _ALSO_WRITTEN.get(chunk, ())
    if not _RESPELLED.search(chunk):
        return
    for cased in (plain(chunk), plain(chunk.lower())):
        yield cased
        simple = cased.translate(_PLAIN)
        yield simple
        yield simple.replace("'", "’")
        yield simple.replace("/", "\\/")
        yield unicodedata.normalize("NFD", cased)
        yield _NUMBER_IN_COMPOUND.sub(NUMBER, simple) if with_numbers or not _NUMBER.fullmatch(simple) else simple
    if with_numbers and _NUMBER.fullmatch(chunk):
        yield NUMBER


def _inside_marks(chunk: str) -> tuple[int, int]:
    start, end = 0, len(chunk)
    while start < end and _is_mark(chunk[start]) and not _NUMBER_START.match(chunk, start):
        start += 1
    while start < end and _is_mark(chunk[end - 1]):
        end -= 1
    if start == end and (first_mark := _MARK.match(chunk)):
        return first_mark.end(), first_mark.end()
    return start, end


def _is_mark(character: str) -> bool:
    """Return whether a character is punctuation, or invisible like a byte order mark."""
    if character in _SPOKEN_MARKS:
        return False
    category = unicodedata.category(character)
    return category[0] == "P" or category == "Cf" or character in _UNSPOKEN_SYMBOLS
