"""The facts of the selected word: its frequency, its nearest words, its cluster."""

from collections.abc import Iterator

from ptbterm.inference.embeddings import Neighbor
from ptbterm.terminal.screens.word_map.atlas import Atlas
from ptbterm.terminal.text.lines import HUES, Line, Role, Span, fit, justify, line, muted, strong, width
from ptbterm.terminal.text.symbols import Symbols

WORD_CELLS = 16


def facts_beside(atlas: Atlas, word: int, symbols: Symbols, cells: int, rows: int) -> list[Line]:
    """Return the facts for a column, as many as fit: a bar for each neighbor, then the cluster."""
    neighbors = atlas.neighbors(word)
    high = max((neighbor.similarity for neighbor in neighbors), default=1.0)
    facts = [
        line(" ", strong(symbols.word(atlas.words.vocabulary[word]))),
        line(muted(f" {_frequency(atlas, word)}")),
        [],
        line(" Nearest, by cosine"),
        *(_row(atlas, number, near, high, symbols, cells) for number, near in enumerate(neighbors, 1)),
        [],
        line(" ", *_cluster(atlas, word, symbols)),
        *_wrapped(_members(atlas, word, symbols), cells),
    ]
    return facts[:rows]


def facts_below(atlas: Atlas, word: int, symbols: Symbols, cells: int, rows: int) -> list[Line]:
    """Return the facts for some rows at full width, as many as fit."""
    name = line(" ", strong(symbols.word(atlas.words.vocabulary[word])), "  ", *_cluster(atlas, word, symbols))
    nearest = [
        line(strong(f"{number} "), _name(atlas, neighbor, symbols), muted(f" {neighbor.similarity:.2f}"))
        for number, neighbor in enumerate(atlas.neighbors(word), 1)
    ]
    facts = [
        justify(name, line(muted(f"{_frequency(atlas, word)} ")), cells),
        *_wrapped([line("Nearest"), *nearest], cells, apart=2),
        *_wrapped(_members(atlas, word, symbols), cells),
    ]
    return facts[:rows]


def _frequency(atlas: Atlas, word: int) -> str:
    return f"number {word + 1:,} of {len(atlas.words.vocabulary):,} by frequency"


def _row(atlas: Atlas, number: int, neighbor: Neighbor, high: float, symbols: Symbols, cells: int) -> Line:
    own = f" {neighbor.similarity:5.2f} "
    named = fit([_name(atlas, neighbor, symbols)], WORD_CELLS)
    room = max(cells - WORD_CELLS - len(own) - 3, 1)
    bar = fit([Span(symbols.bar_of(neighbor.similarity / (high or 1.0), room), Role.TRAIN)], room)
    return [strong(f" {number} "), *named, *bar, Span(own)]


def _name(atlas: Atlas, neighbor: Neighbor, symbols: Symbols) -> Span:
    """Return a word, dimmed if it is not on the map."""
    name = symbols.word(neighbor.word)
    return Span(name) if atlas.words.vocabulary.id_of(neighbor.word) < len(atlas) else muted(name)


def _cluster(atlas: Atlas, word: int, symbols: Symbols) -> Line:
    if word >= len(atlas):
        return line(muted("not on the map"))
    mark = atlas.mark_of(word)
    sign = Span(symbols.marks[mark], HUES[mark % len(HUES)])
    return line(sign, f" cluster of {len(atlas.cluster_of(word))}")


def _members(atlas: Atlas, word: int, symbols: Symbols) -> list[Line]:
    if word >= len(atlas):
        return []
    return [line(muted(symbols.word(atlas.words.vocabulary[member]))) for member in atlas.cluster_of(word)]


def _wrapped(parts: list[Line], cells: int, *, apart: int = 1) -> Iterator[Line]:
    """Yield lines of whole parts, as many as fit."""
    row: Line = []
    for part in parts:
        if row and width(row) + apart + width(part) > cells - 1:
            yield row
            row = []
        row = [*row, Span(" " * (apart if row else 1)), *part]
    if row:
        yield row
