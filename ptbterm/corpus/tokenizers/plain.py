"""One spelling for texts that look the same: composed characters, and nothing invisible."""

import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff\u200e\u200f"))
"""Soft hyphen, zero-width space, word joiner, byte order mark, direction marks. Joiners change what is seen."""


def plain(word: str) -> str:
    """Return a word in Unicode's composed form (NFC), without invisible characters; it may be empty."""
    return word if word.isascii() else unicodedata.normalize("NFC", word.translate(_INVISIBLE))
