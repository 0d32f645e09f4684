"""Panel 4: the next words that the model predicts after watched contexts, and a line that it generates."""

from ptbterm.runs.events import Glimpse, NextWord, WatchedContext
from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, fit, justify, line, muted, strong, width
from ptbterm.terminal.text.symbols import Symbols

WORD_CELLS = 12
WIDE = 40
"""Minimum width in cells to show how many ranks a word has moved."""


def word_lines(run: RunSnapshot, symbols: Symbols, cells: int, rows: int) -> list[Line]:
    """Return each context with its ranked words, and the generated line, apart if `rows` allow."""
    glimpse = run.state.glimpse
    if glimpse is None:
        return [line(muted("No predictions yet."))]
    blocks: list[list[Line]] = []
    place = f"epoch {glimpse.epoch}, {100 * glimpse.fraction:.0f} % "
    for number, context in enumerate(glimpse.contexts):
        title = justify(_title(context, symbols), line(muted(place)) if number == 0 else [], cells)
        words = (_word_line(run, symbols, context, word, cells) for word in context.next_words)
        blocks.append([title, *words])
    blocks.append(_generated(glimpse, symbols, cells))
    apart: list[Line] = [line()] if sum(map(len, blocks)) + len(blocks) - 1 <= rows else []
    return [row for number, block in enumerate(blocks) for row in [*(apart if number else []), *block]]


def word_summary(run: RunSnapshot, symbols: Symbols, cells: int, rows: int) -> list[Line]:
    """Return two contexts side by side, with as many words as fit into `rows`."""
    glimpse = run.state.glimpse
    if glimpse is None or not glimpse.contexts:
        return [line(muted(" No predictions yet.")), *[line()] * (rows - 1)]
    half = cells // 2
    columns = [_column(run, symbols, context, half - 1, rows) for context in glimpse.contexts[:2]]
    return [[part for column in columns for part in (Span(" "), *column[row])] for row in range(rows)]


def _column(run: RunSnapshot, symbols: Symbols, context: WatchedContext, cells: int, rows: int) -> list[Line]:
    words = [
        _word_line(run, symbols, context, word, min(cells, WIDE - 1)) for word in context.next_words[: rows - 1]
    ]
    column = [_title(context, symbols), *words]
    return [fit(row, cells) for row in [*column, *[line()] * rows][:rows]]


def _title(context: WatchedContext, symbols: Symbols) -> Line:
    return line(strong(symbols.shown(context.context)), muted(f" {symbols.ellipsis}"))


def _word_line(run: RunSnapshot, symbols: Symbols, context: WatchedContext, word: NextWord, cells: int) -> Line:
    move = f"{_move(run, symbols, context, word):>5}" if cells >= WIDE else ""
    share = f"{units.percent(word.probability):>8}"
    room = max(cells - WORD_CELLS - 2 - len(share) - len(move), 1)
    high = context.next_words[0].probability or 1.0
    bar = symbols.bar_of(word.probability / high, room)
    shown = symbols.word(word.word)
    named = line(" ", muted(shown) if word.word.startswith("<") else shown)
    return [*fit(named, WORD_CELLS + 1), Span(" "), *fit([Span(bar, Role.TRAIN)], room), Span(share), muted(move)]


def _move(run: RunSnapshot, symbols: Symbols, context: WatchedContext, word: NextWord) -> str:
    """Return how many ranks the word has climbed since the predictions before."""
    earlier = run.state.earlier_glimpse
    contexts = earlier.contexts if earlier else ()
    before = next((earlier for earlier in contexts if earlier.context == context.context), None)
    if before is None:
        return ""
    ranks = [next_word.word for next_word in before.next_words]
    if word.word not in ranks:
        return "new"
    climbed = ranks.index(word.word) - context.next_words.index(word)
    if climbed == 0:
        return "="
    return f"{symbols.up if climbed > 0 else symbols.down} {abs(climbed)}"


def _generated(glimpse: Glimpse, symbols: Symbols, cells: int) -> list[Line]:
    """Return the generated line between quotes, broken between words."""
    opening, closing = symbols.quotes[0], symbols.quotes[1]
    words = [*map(symbols.word, glimpse.generated.split(" ")), symbols.end_of_sentence]
    rows: list[Line] = [line(muted("it writes "), opening)]
    for number, word in enumerate(words):
        last = number == len(words) - 1
        piece = Span(f" {word}" if number else word)
        if width([*rows[-1], piece]) + last > cells:
            rows.append([])
            piece = Span(word)
        rows[-1].append(piece)
    rows[-1].append(Span(closing))
    return rows
