"""Lines of bytes as UTF-8 text; for a line in another encoding, which ones it may be in."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ptbterm.errors import PtbtermError

_BYTE_ORDER_MARK = "\ufeff"
_ENCODINGS = {
    "CP1252": "cp1252",
    "CP1250": "cp1250",
    "CP1251": "cp1251",
    "KOI8-R": "koi8-r",
    "MACINTOSH": "mac-roman",
    "SHIFT_JIS": "shift-jis",
    "EUC-JP": "euc-jp",
    "GB18030": "gb18030",
    "BIG5": "big5",
    "EUC-KR": "euc-kr",
}
"""Encodings of texts by their names for iconv."""
_CJK = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "IDEOGRAPHIC"})
_WORD_START = re.compile(r"\s")
_PLAUSIBLE = {"L", "M", "N", "P"}


def decoded_lines(
    lines: Iterable[bytes], name: object, first: int = 0, end: float = math.inf
) -> Iterator[tuple[int, str]]:
    """Yield the lines after the first `first` and up to `end`, decoded, with their numbers from 1.

    The byte order mark of the first is removed. Raises `PtbtermError` naming the text, the line and the byte.
    """
    has_utf8 = False
    for number, line in enumerate(lines, 1):
        if first < number <= end:
            yield number, _decoded(line, number, name, has_utf8=has_utf8)
        has_utf8 = has_utf8 or not line.isascii()


def _decoded(line: bytes, number: int, name: object, *, has_utf8: bool) -> str:
    if b"\x00" in line:
        raise PtbtermError(
            f"{name} is not text: line {number} has a NUL byte at byte {line.index(0) + 1}.",
            "Save it as plain text in UTF-8.",
        )
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"line {number}, byte {error.start + 1} is 0x{line[error.start]:02x}"
        raise PtbtermError(
            f"{name} is not UTF-8 text: {place}.", _advice(line, error.start, has_utf8=has_utf8)
        ) from error
    return text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text


def _advice(line: bytes, place: int, *, has_utf8: bool) -> str:
    """Return what to do about a byte of a line that is not UTF-8: convert the file if it is in one encoding."""
    if has_utf8 or not line[:place].isascii():
        return "The text before this byte is UTF-8, so converting the file would damage it. Correct this line."
    words = {encoding: word for encoding in _ENCODINGS if (word := _word_in(encoding, line, place))}
    if not words:
        return "No common encoding makes a word of it: the file may be damaged. Save it as plain text in UTF-8."
    readings = ", ".join(f"{word} in {encoding}" for encoding, word in words.items())
    example = next(iter(words))
    return (
        f"The word there is {readings}. "
        f"Convert the file from the encoding that is right, for example: iconv -f {example} -t UTF-8 FILE > NEW"
    )


def _word_in(encoding: str, line: bytes, place: int) -> str:
    """Return the word at a byte of a line in an encoding; empty if it can't be one."""
    codec = _ENCODINGS[encoding]
    try:
        before, after = line[:place].decode(codec), line[place:].decode(codec)
    except UnicodeDecodeError:
        return ""
    word = _WORD_START.split(before)[-1] + _WORD_START.split(after)[0]
    return word if _is_plausible(word) else ""


def _is_plausible(word: str) -> bool:
    """Return whether a word has letters of one script, and no capital after a small one."""
    scripts = {_script(character) for character in word if character.isalpha()}
    is_mixed = len(scripts) > 1 or any(a.islower() and b.isupper() for a, b in pairwise(word))
    return bool(word) and not is_mixed and all(unicodedata.category(sign)[0] in _PLAUSIBLE for sign in word)


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if script in _CJK else script
