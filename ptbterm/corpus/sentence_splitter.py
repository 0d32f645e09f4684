"""Splits running text, such as a book, into sentences: one for each line of a corpus."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from ptbterm.errors import PtbtermError


def split_sentences(lines: Iterable[str], language: str, *, by_line: bool = False) -> Iterator[str]:
    """Yield the sentences of a text, with single spaces between words.

    A paragraph ends at a blank line, or with `by_line` at every line. `language` is an ISO 639 code such as `en`;
    the rules, of abbreviations above all, are sentencex's. Raises `PtbtermError` if sentencex is not installed.
    """
    try:
        from sentencex import segment  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PtbtermError(
            "Splitting sentences requires sentencex, which is not installed.",
            "Install it: pip install 'ptbterm[sentences]'",
        ) from error
    for paragraph in _paragraphs(lines, by_line=by_line):
        for sentence in segment(language, paragraph):
            if words := " ".join(sentence.split()):
                yield words


def _paragraphs(lines: Iterable[str], *, by_line: bool) -> Iterator[str]:
    if by_line:
        yield from lines
        return
    for is_filled, block in groupby(lines, key=lambda line: bool(line.strip())):
        if is_filled:
            yield " ".join(line.strip() for line in block)
