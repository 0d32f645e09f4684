"""Words and punctuation apart, in any script that writes spaces: `Yes, 3.5 %!` is read as `Yes , 3.5 % !`.

A word is a run of letters, combining marks and digits. Apostrophes, hyphens, `_`, `@` and `&` stay inside it
(don't, well-known, AT&T), `.` between two letters or two digits (U.S, 3.5), `,`, `:` and `/` between two digits.
Any other sign is a word of its own, repeated or not (`...`). Typographic apostrophes and hyphens inside a word are
read as `'` and `-`.
"""

import re
import unicodedata
from collections.abc import Iterator

from ptbterm.corpus.marks import READ_AS, marks_apart

_LETTER, _DIGIT, _SIGN = "a", "0", "?"
_INSIDE = "'-_@&.,:/"
_SAME = {"’": "'", "ʼ": "'", "‐": "-", "‑": "-"}  # noqa: RUF001
_PLAIN = str.maketrans(_SAME)
_TAG = re.compile(r"</?\w+>")
_WORD = re.compile(r"[a0]+(?:(?:['\-_@&]|(?<=a)\.(?=a)|(?<=0)[.,:/](?=0))[a0]+)*")


class _Kinds(dict[int, str]):
    """The kind of each character, for `str.translate`: letter, digit, a sign within words, or any other sign."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] in "LM" or category == "Cf":
            kind = _LETTER
        elif category[0] == "N":
            kind = _DIGIT
        else:
            kind = _SAME.get(character, character if character in _INSIDE else _SIGN)
        self[code] = kind
        return kind


_KINDS = _Kinds()


def is_mark(chunk: str) -> bool:
    """Return whether a text without spaces is a mark such as `<unk>`, `</s>`, `<num>` or `[UNK]`."""
    return chunk in READ_AS or _TAG.fullmatch(chunk) is not None


def split(chunk: str) -> Iterator[str]:
    """Yield the parts of a text without spaces, in order: together they are the whole text."""
    if chunk.isalnum() or is_mark(chunk):
        yield chunk
        return
    for part in marks_apart(chunk):
        if is_mark(part):
            yield part
        else:
            yield from _split(part)


def spelled(part: str) -> str:
    """Return a part with plain apostrophes and hyphens inside it; other signs stay as they are."""
    return part.translate(_PLAIN) if any(map(str.isalnum, part)) else part


def _split(chunk: str) -> Iterator[str]:
    kinds, start = chunk.translate(_KINDS), 0
    while start < len(chunk):
        word = _WORD.match(kinds, start)
        end = word.end() if word else _end_of_sign(chunk, start)
        yield chunk[start:end]
        start = end


def _end_of_sign(chunk: str, start: int) -> int:
    end = start + 1
    while end < len(chunk) and chunk[end] == chunk[start]:
        end += 1
    return end
