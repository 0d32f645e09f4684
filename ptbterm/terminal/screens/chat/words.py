"""The words typed: how the model reads them, and how surprising each was."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeVar

from rich.cells import cell_len, set_cell_size

from ptbterm.inference.answer import Answer, ScoredToken
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted, strong, width
from ptbterm.terminal.text.symbols import Symbols

T = TypeVar("T")

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
    start = [muted(" read as "), muted(f"{symbols.end_of_sentence} ")]
    words, marks = start, [Span(" " * width(start))]
    for word in answer.words:
        shown = _modelled(word, symbols)
        if width([*words, shown]) + 1 > cells:
            rows += [words, marks]
            words, marks = [Span(" ")], [Span(" ")]
        words += [shown, Span(" ")]
        mark = symbols.shades[shade(word.bits)] if word.modelled is not None else " "
        marks.append(Span(mark + " " * cell_len(shown.text), Role.TRAIN if shade(word.bits) > 1 else Role.MUTED))
    if answer.half_typed:
        half_typed = "".join(symbols.shown(word.typed) for word in answer.half_typed)
        words.append(muted(f"{half_typed}{symbols.ellipsis}"))
    return [*rows, words, marks]


def special_words(symbols: Symbols, vocabulary_size: int) -> str:
    """Return what the words mean that nobody types."""
    unknown = f"{symbols.unknown} any word outside the {vocabulary_size:,}"
    return symbols.dot.join([unknown, "N a number", f"{symbols.end_of_sentence} end of sentence"])


def table(answer: Answer, symbols: Symbols, rows: int) -> list[Line]:
    """Return a row a word of the cursor's sentence: bits, rank, entropy before it; * marks some unknown word.

    Where not all fit into so many rows, the words around the cursor.
    """
    words = sentence(answer)
    begun = sum(word.start < answer.cursor for word in words)
    shown, cut = _window(words, begun, rows - 1)
    return [line(muted(f"{HEADING}{cut}")), *(_row(word, symbols) for word in shown)]


def _row(word: ScoredToken, symbols: Symbols) -> Line:
    shown = _typed(word, symbols)
    padded = shown + " " * max(16 - cell_len(shown), 0)
    if word.modelled is None:
        return line(muted(f" {padded} not read"))
    star = "*" if word.is_unknown else " "
    return line(f" {padded} {word.bits:>6.2f}{star}{word.rank:>7,} {word.entropy_bits:>8.2f}")


def _window(values: Sequence[T], end: int, rows: int) -> tuple[Sequence[T], str]:
    """Return as many values as there are rows, those before `end` if not all fit; and which ones they are."""
    rows = max(rows, 1)
    if len(values) <= rows:
        return values, ""
    first = max(end - rows, 0)
    return values[first : first + rows], f"  {first + 1}-{first + rows} of {len(values)}"


def as_table(answer: Answer) -> list[tuple[str, ...]]:
    """Return every word of the text with its figures, the last one as if it were finished, a heading first."""
    heading = ("word", "modelled_as", "surprisal_bits", "rank", "entropy_bits")
    rows = (
        (
            word.typed,
            word.modelled or "",
            f"{word.bits:.6g}",
            f"{word.rank}",
            f"{word.entropy_bits:.6g}",
        )
        for word in _read(answer)
    )
    return [heading, *rows]


def _read(answer: Answer) -> list[ScoredToken]:
    return [word for word in (*answer.words, *answer.half_typed) if word.modelled is not None]


def comparison(pinned: Answer, answer: Answer, symbols: Symbols, rows: int) -> list[Line]:
    """Return the words of a pinned text and of this one, row by row, with their bits and the difference.

    A word half typed is taken as finished. Where not all fit into so many rows, the last ones.
    """
    left, right = _read(pinned), _read(answer)
    pairs = list(zip_longest(left, right))
    shown, cut = _window(pairs, len(pairs), rows - 2)
    heading = f" {'pinned':<14} {'bits':>6}   {'now':<14} {'bits':>6} {'more':>7}"
    lines: list[Line] = [line(muted(f"{heading}{cut}"))]
    for first, second in shown:
        more = f"{second.bits - first.bits:>+7.2f}" if first and second else ""
        same = first is not None and second is not None and first.modelled == second.modelled
        cells = f" {_cell(first, symbols)}   {_cell(second, symbols)} {more}"
        lines.append(line(muted(cells) if same else Span(cells)))
    sums = [sum(word.bits for word in words) for words in (left, right)]
    total = f" {'in all':<14} {sums[0]:>6.2f}   {'':<14} {sums[1]:>6.2f} {sums[1] - sums[0]:>+7.2f}"
    return [*lines, line(strong(total))]


def _cell(word: ScoredToken | None, symbols: Symbols) -> str:
    if word is None:
        return " " * 21
    shown = set_cell_size(_typed(word, symbols), 14)
    return f"{shown} {word.bits:>6.2f}"


def _typed(word: ScoredToken, symbols: Symbols) -> str:
    return symbols.end_of_sentence if word.typed == "\n" else symbols.shown(word.typed)


def sentence(answer: Answer) -> list[ScoredToken]:
    """Return the words of the sentence that the cursor is in; after its end, where nothing follows, still that."""
    sentences: list[list[ScoredToken]] = [[]]
    for word in answer.words:
        sentences[-1].append(word)
        if word.typed == "\n":
            sentences.append([])
    begun = [words for words in sentences if words and words[0].start <= answer.cursor]
    return begun[-1] if begun else sentences[0]


def _modelled(word: ScoredToken, symbols: Symbols) -> Span:
    if word.modelled is None:
        return muted(f"({symbols.shown(word.typed)})")
    shown = symbols.word(word.modelled)
    return muted(shown) if word.is_unknown else Span(shown)
