"""The Penn Treebank's conventions for English text.

`Mr. Lee didn't pay $3.50.` is read as `mr. lee did n't pay $ N .`: punctuation is apart, as by `words`; clitics
are words (n't, 's, 're, 've, 'll, 'd, 'm; can not), abbreviations keep their period, all is in lower case, and a
number is N. Unlike the preprocessed corpus, punctuation is kept.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ptbterm.corpus.tokenizers import words

NUMBER = "N"

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_CLITIC = re.compile(r"(?<=.)(?:n['’]t|['’](?:s|re|ve|ll|d|m))\Z", re.IGNORECASE)  # noqa: RUF001
_CANNOT = re.compile(r"(can)(not)", re.IGNORECASE)
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """
        mr mrs ms messrs dr prof rev gen col lt sgt capt sen rep gov pres st sr jr inc corp co ltd bros cos vs
        jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun ave blvd est dept fig vol
        calif mass conn ariz colo del fla ill ind kan ky md mich minn mo mont neb nev ore okla pa tenn tex va vt
        etc al cf wis wash approx
        """,
    )
)


def split(chunk: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text without spaces, each with the word that it is read as."""
    for part in _with_periods(list(words.split(chunk))):
        if words.is_mark(part):
            yield part, part
            continue
        for piece in _clitics_apart(part):
            yield piece, NUMBER if _NUMBER.fullmatch(piece) else piece.lower().replace("’", "'")  # noqa: RUF001


def _with_periods(parts: Sequence[str]) -> Iterator[str]:
    """Join the period of an abbreviation to it: one in the list, or initials (u.s., j.)."""
    joined = False
    for part, after in pairwise([*parts, ""]):
        if joined:
            joined = False
        elif after == "." and (part.lower() in _ABBREVIATIONS or _INITIALS.fullmatch(part)):
            joined = True
            yield part + after
        else:
            yield part


def _clitics_apart(word: str) -> list[str]:
    if match := _CANNOT.fullmatch(word):
        return [match[1], match[2]]
    clitics: list[str] = []
    while match := _CLITIC.search(word):
        clitics.insert(0, match[0])
        word = word[: match.start()]
    return [word, *clitics]
