"""The words typed: how the model reads them, and how surprising each was."""

from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from ptbterm.terminal.chat.answer import Answer, ReadWord
from ptbterm.terminal.lines import Line, Role, Span, line, muted, strong, width
from ptbterm.terminal.symbols import Symbols

STEPS = (4.0, 8.0, 12.0)
"""Bits at which a word is shaded one step deeper."""
HEADING = f" {'word':<16} {'bits':>6} {'rank':>7} {'entropy':>8}"


def shade(bits: float) -> int:
    """Return how deep a word of so many bits is shaded, 0 to 3."""
    return sum(bits >= step for step in STEPS)


def legend(symbols: Symbols) -> str:
    """Return what the marks mean."""
    marks = symbols.shades
    return f"{marks[0]} 0-4 {marks[1]} 4-8 {marks[2]} 8-12 {marks[3]} 12+ bits"


def read_as(answer: Answer, symbols: Symbols, cells: int) -> list[Line]:
    """Return the words as the model reads them, wrapped, each line with a line of marks below it."""
    rows: list[Line] = []
    words, marks = [muted(" read as ")], [Span(" " * 9)]
    for word in answer.words:
        shown = _modelled(word, symbols)
        if width([*words, shown]) + 1 > cells:
            rows += [words, marks]
            words, marks = [Span(" ")], [Span(" ")]
        words += [shown, Span(" ")]
        mark = symbols.shades[shade(word.bits)] if word.modelled is not None else " "
        marks.append(Span(mark + " " * cell_len(shown.text), Role.TRAIN if shade(word.bits) > 1 else Role.MUTED))
    if answer.beginning:
        words.append(muted(f"{symbols.shown(answer.beginning)}{symbols.ellipsis}"))
    return [*rows, words, marks]


def table(answer: Answer, symbols: Symbols) -> list[Line]:
    """Return a row a word of the last sentence: bits, rank, entropy before it; * marks some unknown word."""
    rows: list[Line] = [line(muted(HEADING))]
    for word in last_sentence(answer.words):
        shown = _typed(word, symbols)
        padded = shown + " " * max(16 - cell_len(shown), 0)
        if word.modelled is None:
            rows.append(line(muted(f" {padded} not read")))
        else:
            star = "*" if word.is_unknown else " "
            rows.append(line(f" {padded} {word.bits:>6.2f}{star}{word.rank:>7,} {word.entropy_bits:>8.2f}"))
    return rows


def as_table(answer: Answer) -> list[tuple[str, ...]]:
    """Return every word of the text with its figures, a heading first."""
    heading = ("word", "modelled_as", "surprisal_bits", "rank", "entropy_bits")
    rows = (
        (
            word.typed,
            word.modelled,
            f"{word.bits:.6g}",
            f"{word.rank}",
            f"{word.entropy_bits:.6g}",
        )
        for word in answer.words
        if word.modelled is not None
    )
    return [heading, *rows]


def comparison(pinned: Answer, answer: Answer, symbols: Symbols) -> list[Line]:
    """Return the words of a pinned text and of this one, row by row, with their bits and the difference."""
    left, right = ([word for word in one.words if word.modelled is not None] for one in (pinned, answer))
    rows: list[Line] = [line(muted(f" {'pinned':<14} {'bits':>6}   {'now':<14} {'bits':>6} {'more':>7}"))]
    for first, second in zip_longest(left, right):
        more = f"{second.bits - first.bits:>+7.2f}" if first and second else ""
        same = first is not None and second is not None and first.modelled == second.modelled
        cells = f" {_cell(first, symbols)}   {_cell(second, symbols)} {more}"
        rows.append(line(muted(cells) if same else Span(cells)))
    sums = [sum(word.bits for word in words) for words in (left, right)]
    total = f" {'in all':<14} {sums[0]:>6.2f}   {'':<14} {sums[1]:>6.2f} {sums[1] - sums[0]:>+7.2f}"
    return [*rows, line(strong(total))]


def _cell(word: ReadWord | None, symbols: Symbols) -> str:
    if word is None:
        return " " * 21
    shown = set_cell_size(_typed(word, symbols), 14)
    return f"{shown} {word.bits:>6.2f}"


def _typed(word: ReadWord, symbols: Symbols) -> str:
    return symbols.end_of_sentence if word.typed == "\n" else symbols.shown(word.typed)


def last_sentence(words: Sequence[ReadWord]) -> Sequence[ReadWord]:
    """Return the words since the last end of a sentence that has words after it."""
    ends = [place for place, word in enumerate(words[:-1]) if word.typed == "\n"]
    return words[ends[-1] + 1 :] if ends else words


def _modelled(word: ReadWord, symbols: Symbols) -> Span:
    if word.modelled is None:
        return muted(f"({symbols.shown(word.typed)})")
    shown = symbols.word(word.modelled)
    return muted(shown) if word.is_unknown else Span(shown)
