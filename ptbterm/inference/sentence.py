"""A sentence to score, and its regions."""

from msgspec import Struct


class Span(Struct, frozen=True):
    """The characters `start` to `end` of a sentence that have a row of their own, and the cells carried along."""

    start: int
    end: int
    columns: tuple[str, ...] = ()


class Sentence(Struct, frozen=True):
    """A sentence as typed, its row or line in the file, the cells carried along, and its regions if it has any."""

    text: str
    columns: tuple[str, ...] = ()
    number: int = 0
    spans: tuple[Span, ...] = ()
