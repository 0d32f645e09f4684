"""Text from files, prompts and servers, made harmless for a terminal."""

import unicodedata


def visible(text: str) -> str:
    """Return `text` with every control and format character as a visible escape."""
    return "".join(_escape(character) if acts(character) else character for character in text)


def acts(character: str) -> bool:
    """Return whether a character is a control or format character, which a terminal may act on."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
