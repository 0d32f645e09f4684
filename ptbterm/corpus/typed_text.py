# ruff: noqa: RUF001 (typographic quotes and dashes are what this file is about)
"""Ordinary text, as people type it, as the words of a corpus.

The vocabulary alone decides how: what it has is read as that, and other text is cut as the Penn Treebank cuts it
where the vocabulary has the parts. So text in the corpus's own form reads as itself, word for word.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ptbterm.corpus.vocabulary import UNKNOWN, Vocabulary

NUMBER = "N"

_ALSO_WRITTEN = {
    "%": (NUMBER,),  # the preprocessed Penn Treebank writes 12 % as "N N"
    "£": ("#",),  # the Penn Treebank writes pounds so
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
"""Pieces that, joined, are a text without spaces, each with the word as which it is read, if any."""


@dataclass(frozen=True)
class _Quotes:
    """What the quotes at one side of a word may be in a vocabulary, the first that it has."""

    single: tuple[str, ...]
    double: tuple[str, ...]


_OPENING = _Quotes(("`", "‘", "'"), ("``", '"', "“", "„", "«"))
_CLOSING = _Quotes(("'", "’"), ("''", '"', "”", "“", "»"))


@dataclass(frozen=True)
class Reading:
    """A piece of text, from `start` to `end`, and the word as which the model reads it; None if it reads none."""

    typed: str
    modelled: str | None
    start: int
    end: int


def read_text(text: str, vocabulary: Vocabulary) -> list[Reading]:
    """Return how each piece of `text` is read, in order; together they cover everything but the spaces.

    A piece is read as typed, else in lower case or another spelling that the vocabulary has, else in parts (don't,
    $5), else as `<unk>`. Punctuation that the vocabulary lacks is read as nothing.
    """
    readings = []
    for match in re.finditer(r"\S+", text):
        start = match.start()
        for typed, modelled in _read(match[0], vocabulary):
            end = start + len(typed)
            readings.append(Reading(typed, modelled, start, end))
            start = end
    return readings


def read_words(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words of `text` as the model reads them."""
    parts = (part for piece in text.split() for part in _read(piece, vocabulary))
    return [modelled for _, modelled in parts if modelled is not None]


def _read(piece: str, vocabulary: Vocabulary) -> _Parts:
    if word := _find(piece, vocabulary):
        return iter([(piece, word)])
    return _read_in_parts(piece, vocabulary)


def _find(piece: str, vocabulary: Vocabulary) -> str | None:
    """Return the one word of the vocabulary that `piece` is, however it is spelled."""
    if piece in vocabulary:
        return piece
    return next((word for word in _spellings(piece) if word in vocabulary), None)


def _spellings(piece: str) -> Iterator[str]:
    yield piece.lower()
    yield from _ALSO_WRITTEN.get(piece, ())
    if not _RESPELLED.search(piece):
        return
    for cased in (piece, piece.lower()):
        plain = unicodedata.normalize("NFC", cased).translate(_PLAIN)
        yield plain
        yield plain.replace("'", "’")
        yield plain.replace("/", "\\/")
        yield _NUMBER_IN_COMPOUND.sub(NUMBER, plain)
    if _NUMBER.fullmatch(piece):
        yield NUMBER


def _read_in_parts(piece: str, vocabulary: Vocabulary) -> _Parts:
    start, end = _core(piece, vocabulary)
    yield from _read_marks(piece[:start], _OPENING, vocabulary)
    if start < end:
        yield from _read_core(piece[start:end], vocabulary)
    yield from _read_marks(piece[end:], _CLOSING, vocabulary)


def _core(piece: str, vocabulary: Vocabulary) -> tuple[int, int]:
    """Return where the marks before the word end and where those after it begin; `mr.` keeps its own."""
    start, end = _inside_marks(piece)
    if start == end:
        return start, end
    if _POSSESSIVE.match(piece, end - 1) and _find("'", vocabulary):
        end += 1
    firsts = range(max(start - _MAX_MARKS_OF_A_WORD, 0), start + 1)
    lasts = range(min(end + _MAX_MARKS_OF_A_WORD, len(piece)), end - 1, -1)
    known = (bounds for bounds in product(firsts, lasts) if _find(piece[slice(*bounds)], vocabulary))
    return next(known, (start, end))


def _inside_marks(piece: str) -> tuple[int, int]:
    start, end = 0, len(piece)
    while start < end and _is_mark(piece[start]) and not _NUMBER_START.match(piece, start):
        start += 1
    while start < end and _is_mark(piece[end - 1]):
        end -= 1
    if start == end and (first_mark := _MARK.match(piece)):
        return first_mark.end(), first_mark.end()
    return start, end


def _is_mark(character: str) -> bool:
    """Tell whether it is punctuation or invisible, as a byte order mark is."""
    if character in _SPOKEN_MARKS:
        return False
    category = unicodedata.category(character)
    return category[0] == "P" or category == "Cf" or character in _UNSPOKEN_SYMBOLS


def _read_marks(marks: str, quotes: _Quotes, vocabulary: Vocabulary) -> _Parts:
    for match in _MARK.finditer(marks):
        forms = _forms(match[0], quotes, vocabulary)
        yield match[0], next((word for form in forms if (word := _find(form, vocabulary))), None)


def _forms(mark: str, quotes: _Quotes, vocabulary: Vocabulary) -> tuple[str, ...]:
    if mark in _DOUBLE_QUOTES:
        return (mark, *quotes.double)
    if mark in _SINGLE_QUOTES:
        return quotes.single if _keeps_quotes(vocabulary) else ()
    return (mark, _REPEATED.get(mark[:2], mark))


def _keeps_quotes(vocabulary: Vocabulary) -> bool:
    """Tell whether `'` may be a quote; in a corpus without quotes it is only that of `the companies '`."""
    return any(quote in vocabulary for quote in _DOUBLE_QUOTES)


def _read_core(core: str, vocabulary: Vocabulary) -> _Parts:
    if word := _find(core, vocabulary):
        yield core, word
        return
    joined = [piece for piece in _MARK_BETWEEN_WORDS.split(core) if piece]
    if len(joined) > 1:
        for piece in joined:
            yield from _read(piece, vocabulary)
        return
    for part in _cut_word(core, vocabulary):
        yield part, _find(part, vocabulary) or UNKNOWN


def _cut_word(word: str, vocabulary: Vocabulary) -> list[str]:
    clitics: list[str] = []
    while len(clitics) < _MAX_CLITICS and not _find(word, vocabulary) and (cut := _cut(word, vocabulary)):
        clitics.insert(0, word[cut:])
        word = word[:cut]
    return [*_cut_symbols(word, vocabulary), *clitics]


def _cut(word: str, vocabulary: Vocabulary) -> int:
    """Return where to cut off a part that the vocabulary has, as in do|n't, it|'s and l'|homme; 0: nowhere."""
    apostrophes = [match.start() for match in _APOSTROPHE.finditer(word)]
    if not apostrophes:
        cut = _CONTRACTED_AT.get(word.lower(), 0)
        return cut if cut and _find(word[:cut], vocabulary) and _find(word[cut:], vocabulary) else 0
    if _NEGATION.search(word) and _find(word[-3:], vocabulary):
        return len(word) - 3
    if _find(word[apostrophes[-1] :], vocabulary):
        return apostrophes[-1]
    return apostrophes[0] + 1 if _find(word[: apostrophes[0] + 1], vocabulary) else 0


def _cut_symbols(word: str, vocabulary: Vocabulary) -> list[str]:
    if (match := _SYMBOL_THEN_NUMBER.fullmatch(word)) and _find(match[1], vocabulary):
        return [match[1], *_cut_symbols(match[2], vocabulary)]
    if (match := _NUMBER_THEN_SYMBOL.fullmatch(word)) and _find(match[2], vocabulary):
        return [match[1], match[2]]
    return [word]
