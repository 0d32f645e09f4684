"""The typed words: how the model reads them, and the surprisal of each."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeVar

from rich.cells import cell_len, set_cell_size

from ptbterm.inference.answer import Answer, ScoredToken
from ptbterm.terminal.text.columns import Cell, aligned
from ptbterm.terminal.text.lines import Line, Role, Span, muted, shortened, strong, width
from ptbterm.terminal.text.symbols import Symbols

T = TypeVar("T")

SHADE_STEPS = (4.0, 8.0, 12.0)
"""Bits of surprisal at which a word is shaded one step deeper."""
TABLE_HEADINGS = ("word", "bits ", "rank", "entropy")
TABLE_CELLS = (16, 7, 6, 8)
COMPARISON_HEADINGS = ("pinned", "bits", "", f"{'now':<14}", "bits", "more")
COMPARISON_CELLS = (14, 6, 1, 14, 6, 7)


def shade_of(bits: float) -> int:
    """Return how deep a word of that surprisal is shaded, 0 to 3."""
    return sum(bits >= step for step in SHADE_STEPS)


def shade_legend(symbols: Symbols) -> str:
    """Return the range of bits that each mark stands for."""
    marks = symbols.shades
    return f"{marks[0]} 0-4 {marks[1]} 4-8 {marks[2]} 8-12 {marks[3]} 12+ bits"


def read_as_lines(answer: Answer, symbols: Symbols, cells: int) -> list[Line]:
    """Return the words as the model reads them, wrapped, with a line of surprisal marks below each line."""
    rows: list[Line] = []
    start = [muted(" read as "), muted(f"{symbols.end_of_sentence} ")]
    words, marks = start, [Span(" " * width(start))]
    for word in answer.words:
        shown = _modelled(word, symbols)
        if width([*words, shown]) + 1 > cells:
            rows += [words, marks]
            words, marks = [Span(" ")], [Span(" ")]
        words += [shown, Span(" ")]
        mark = symbols.shades[shade_of(word.bits)] if word.modelled is not None else " "
        marks.append(
            Span(mark + " " * cell_len(shown.text), Role.TRAIN if shade_of(word.bits) > 1 else Role.MUTED)
        )
    if answer.half_typed:
        half_typed = "".join(symbols.shown(word.typed) for word in answer.half_typed)
        words.append(muted(f"{half_typed}{symbols.ellipsis}"))
    return [*rows, words, marks]


def special_word_legend(symbols: Symbols, vocabulary_size: int) -> str:
    """Return the meaning of the special words."""
    unknown = f"{symbols.unknown} any word outside the {vocabulary_size:,}"
    return symbols.dot.join([unknown, "N a number", f"{symbols.end_of_sentence} end of sentence"])


def sentence_lines(answer: Answer, symbols: Symbols, rows: int) -> list[Line]:
    """Return a row for each word of the cursor's sentence: bits (* of some unknown word), rank, entropy before it.

    Where not all fit into `rows`, the words around the cursor.
    """
    words = sentence(answer)
    begun = sum(word.start < answer.cursor for word in words)
    shown, cut = _window(words, begun, rows - 1)
    rows_of_cells: list[list[Cell]] = [[muted(heading) for heading in TABLE_HEADINGS]]
    rows_of_cells += (_sentence_row(word, symbols) for word in shown)
    heading, *table = aligned(rows_of_cells, right=1, gap=0, minimum=TABLE_CELLS)
    return [[Span(" "), *row] for row in ([*heading, muted(cut)], *table)]


def _sentence_row(word: ScoredToken, symbols: Symbols) -> list[Cell]:
    typed = shortened(_typed(word, symbols), TABLE_CELLS[0], symbols.ellipsis)
    if word.modelled is None:
        return [muted(typed), muted("skipped"), "", ""]
    star = "*" if word.is_unknown else " "
    return [typed, f"{word.bits:.2f}{star}", f"{word.rank:,}", f"{word.entropy_bits:.2f}"]


def _window(values: Sequence[T], end: int, rows: int) -> tuple[Sequence[T], str]:
    """Return as many values as there are rows, those before `end` if not all fit; and their numbers."""
    rows = max(rows, 1)
    if len(values) <= rows:
        return values, ""
    first = max(end - rows, 0)
    return values[first : first + rows], f"  {first + 1}-{first + rows} of {len(values)}"


def word_table(answer: Answer) -> list[tuple[str, ...]]:
    """Return a heading and a row for every word of the text, the half-typed one scored as if it were finished."""
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


def comparison_lines(pinned: Answer, answer: Answer, symbols: Symbols, rows: int) -> list[Line]:
    """Return the words of a pinned text and of this one, row by row, with their bits and the difference.

    A half-typed word is scored as if it were finished. Where not all fit into `rows`, the last ones.
    """
    left, right = _read(pinned), _read(answer)
    pairs = list(zip_longest(left, right))
    shown, cut = _window(pairs, len(pairs), rows - 2)
    sums = [sum(word.bits for word in words) for words in (left, right)]
    total = ("total", f"{sums[0]:.2f}", "", "", f"{sums[1]:.2f}", f"{sums[1] - sums[0]:+.2f}")
    heading, *table = aligned(
        [
            [muted(text) for text in COMPARISON_HEADINGS],
            *(_comparison_row(*pair, symbols) for pair in shown),
            [strong(text) for text in total],
        ],
        right=1,
        gap=1,
        minimum=COMPARISON_CELLS,
    )
    return [[Span(" "), *row] for row in ([*heading, muted(cut)], *table)]


def _comparison_row(first: ScoredToken | None, second: ScoredToken | None, symbols: Symbols) -> list[Cell]:
    """Return both words, dimmed where the model reads the same."""
    same = first is not None and second is not None and first.modelled == second.modelled
    cells = [*_word_and_bits(first, symbols), "", *_word_and_bits(second, symbols)]
    cells.append(f"{second.bits - first.bits:+.2f}" if first and second else "")
    return [muted(cell) if same else cell for cell in cells]


def _word_and_bits(word: ScoredToken | None, symbols: Symbols) -> tuple[str, str]:
    if word is None:
        return "", ""
    return set_cell_size(_typed(word, symbols), COMPARISON_CELLS[0]), f"{word.bits:.2f}"


def _typed(word: ScoredToken, symbols: Symbols) -> str:
    return symbols.end_of_sentence if word.typed == "\n" else symbols.shown(word.typed)


def sentence(answer: Answer) -> list[ScoredToken]:
    """Return the words of the sentence at the cursor; after the last sentence, still the last one."""
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
