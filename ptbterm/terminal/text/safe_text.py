"""Text from files, prompts and servers, made harmless for a terminal."""

import json
import re
import unicodedata
from collections.abc import Container

HARMLESS = frozenset("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
"""Format characters that words of many languages have, and on which no terminal acts beyond the word."""
_NOT_PLAIN = re.compile(r"[^ -~]")


def visible(text: str, but: Container[str] = "") -> str:
    """Return `text` with every control and format character, except those of `but`, as a visible escape."""
    return "".join(
        _escape(character) if acts(character) and character not in but else character for character in text
    )


def plain_json(text: str) -> str:
    """Return a line of JSON in ASCII: the same in any encoding, and harmless for a terminal."""
    return _NOT_PLAIN.sub(lambda match: _json_escape(match[0]), text)


def to_json(value: object) -> str:
    """Return a value as a line of JSON in ASCII."""
    return plain_json(json.dumps(value))


def acts(character: str) -> bool:
    """Return whether a character is a control or format character, which a terminal may act on."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
