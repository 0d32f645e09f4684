"""Panel 4: the words that the model expects after watched contexts, and a line that it writes."""

from ptbterm.runs.events import Glimpse, NextWord, WatchedContext
from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, fit, justify, line, muted, strong, width

WORD_CELLS = 12
WIDE = 40
"""From this width on a word's move since the glimpse before has room."""


def lines(view: RunView, cells: int, rows: int) -> list[Line]:
    """Return each context with its ranked words, and the line that the model writes, apart if `rows` allow."""
    glimpse = view.state.glimpse
    if glimpse is None:
        return [line(muted("No glimpse yet."))]
    blocks: list[list[Line]] = []
    place = f"epoch {glimpse.epoch}, {100 * glimpse.fraction:.0f} % "
    for number, context in enumerate(glimpse.contexts):
        title = justify(_title(view, context), line(muted(place)) if number == 0 else [], cells)
        blocks.append([title, *(_word(view, context, word, cells) for word in context.next_words)])
    blocks.append(_written(view, glimpse, cells))
    apart: list[Line] = [line()] if sum(map(len, blocks)) + len(blocks) - 1 <= rows else []
    return [row for number, block in enumerate(blocks) for row in [*(apart if number else []), *block]]


def brief(view: RunView, cells: int, rows: int) -> list[Line]:
    """Return two contexts side by side, with as many words as fit into `rows`."""
    glimpse = view.state.glimpse
    if glimpse is None or not glimpse.contexts:
        return [line(muted(" No glimpse yet.")), *[line()] * (rows - 1)]
    half = cells // 2
    columns = [_column(view, context, half - 1, rows) for context in glimpse.contexts[:2]]
    return [[part for column in columns for part in (Span(" "), *column[row])] for row in range(rows)]


def _column(view: RunView, context: WatchedContext, cells: int, rows: int) -> list[Line]:
    words = [_word(view, context, word, min(cells, WIDE - 1)) for word in context.next_words[: rows - 1]]
    column = [_title(view, context), *words]
    return [fit(row, cells) for row in [*column, *[line()] * rows][:rows]]


def _title(view: RunView, context: WatchedContext) -> Line:
    return line(strong(view.symbols.shown(context.context)), muted(f" {view.symbols.ellipsis}"))


def _word(view: RunView, context: WatchedContext, word: NextWord, cells: int) -> Line:
    move = f"{_move(view, context, word):>5}" if cells >= WIDE else ""
    share = f"{units.percent(word.probability):>8}"
    room = max(cells - WORD_CELLS - 2 - len(share) - len(move), 1)
    greatest = context.next_words[0].probability or 1.0
    bar = view.symbols.bar_of(word.probability / greatest, room)
    shown = view.symbols.word(word.word)
    named = line(" ", muted(shown) if word.word.startswith("<") else shown)
    return [*fit(named, WORD_CELLS + 1), Span(" "), *fit([Span(bar, Role.TRAIN)], room), Span(share), muted(move)]


def _move(view: RunView, context: WatchedContext, word: NextWord) -> str:
    """Return how many ranks the word has climbed since the glimpse before."""
    earlier = view.state.earlier_glimpse
    before = (
        next((seen for seen in earlier.contexts if seen.context == context.context), None) if earlier else None
    )
    if before is None:
        return ""
    ranks = [seen.word for seen in before.next_words]
    if word.word not in ranks:
        return "new"
    climbed = ranks.index(word.word) - context.next_words.index(word)
    if climbed == 0:
        return "="
    return f"{view.symbols.up if climbed > 0 else view.symbols.down} {abs(climbed)}"


def _written(view: RunView, glimpse: Glimpse, cells: int) -> list[Line]:
    opening, closing = view.symbols.quotes[0], view.symbols.quotes[1]
    words = [*map(view.symbols.word, glimpse.generated.split(" ")), view.symbols.end_of_sentence]
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
