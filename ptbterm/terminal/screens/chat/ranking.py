"""The ranked words: candidates for the next word, or endings of the word half typed."""

from collections.abc import Sequence

from rich.cells import cell_len

from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.typed_text import NUMBER
from ptbterm.inference.answer import Answer
from ptbterm.runs.events import NextWord
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, fit, line, muted, strong, width
from ptbterm.terminal.text.symbols import Symbols

WORD_CELLS = 14
NUMBERED = 9


def ranking_title(answer: Answer, symbols: Symbols) -> str:
    """Return the title of the list."""
    without = ", without unknown words, rescaled" if answer.options.hide_unknown else ""
    if not answer.beginning:
        return f"Next word{without}"
    beginning = quoted(answer.beginning, symbols)
    if not answer.candidates:
        return f"No word begins with {beginning}"
    return f"Words that begin with {beginning} ({units.percent(answer.share)} of the probability{without})"


def quoted(text: str, symbols: Symbols) -> str:
    """Return text in quotes, harmless for the terminal."""
    return f"{symbols.quotes[0]}{symbols.shown(text)}{symbols.quotes[1]}"


def best_choice(answer: Answer) -> int:
    """Return the place of the resting highlight: the best candidate other than `<unk>`."""
    places = (place for place, word in enumerate(answer.candidates) if word.word != UNKNOWN)
    return next(places, 0)


def ranking_lines(
    answer: Answer, symbols: Symbols, cells: int, rows: int, *, chosen: int | None, nth: bool = False
) -> list[Line]:
    """Return a row for each word, the highlight on `chosen` or resting, and a last row for the remaining words.

    `nth` lights the numbers up: the next digit takes a word.
    """
    if not answer.candidates:
        return [_no_completion(answer, symbols)]
    room = max(rows - 1, 1)
    first = max((chosen or 0) - room + 1, 0)
    shown = range(first, min(first + room, len(answer.candidates)))
    resting = best_choice(answer)
    words = [
        _word(answer, symbols, place, cells, mark=_mark(symbols, place, chosen, resting), nth=nth)
        for place in shown
    ]
    return [*words, _remaining(answer, symbols, [answer.candidates[place] for place in shown], cells)]


def before_line(answer: Answer, symbols: Symbols, cells: int) -> Line:
    """Return the best words for the place of the half-typed word, as many as fit into one line."""
    parts: Line = [muted(f" before {quoted(answer.beginning, symbols)}  ")]
    for place, word in enumerate(answer.before, 1):
        probability = muted(f" {units.percent(word.probability)} ")
        more = [muted(f" {place} "), Span(symbols.word(word.word)), probability]
        if width([*parts, *more]) > cells:
            break
        parts += more
    return parts


def ranking_table(answer: Answer) -> list[tuple[str, ...]]:
    """Return a heading, and the candidates with their ranks and probabilities under the options."""
    words = enumerate(answer.candidates, 1)
    return [
        ("rank", "word", "probability"),
        *((f"{place}", word.word, f"{word.probability:.6g}") for place, word in words),
    ]


def _mark(symbols: Symbols, place: int, chosen: int | None, resting: int) -> str:
    if place == chosen:
        return symbols.taken
    return symbols.chosen if chosen is None and place == resting else " "


def _word(answer: Answer, symbols: Symbols, place: int, cells: int, *, mark: str, nth: bool) -> Line:
    word = answer.candidates[place]
    number = f"{place + 1}" if place < NUMBERED else " "
    digit = strong(number) if nth else muted(number)
    own = f"{units.percent(word.probability / answer.share) if answer.share else '':>9}"
    of_all = f"{units.percent(word.probability):>9}" if answer.beginning else ""
    room = max(cells - WORD_CELLS - 5 - len(own) - len(of_all), 1)
    high = max(candidate.probability for candidate in answer.candidates) or 1.0
    bar = fit([Span(symbols.bar_of(word.probability / high, room), Role.TRAIN)], room)
    named = fit([_named(word.word, symbols)], WORD_CELLS)
    return [Span(f" {mark} ", Role.STRONG), digit, Span(" "), *named, *bar, Span(own), muted(of_all)]


def _named(word: str, symbols: Symbols) -> Span:
    shown = symbols.word(word)
    if word == NUMBER:
        return Span(f"{shown} (number)")
    return muted(shown) if word == UNKNOWN else Span(shown)


def _remaining(answer: Answer, symbols: Symbols, shown: Sequence[NextWord], cells: int) -> Line:
    """Sum up the words that are not shown; name `<eos>` and `<unk>` with their ranks if they are among these."""
    rest = max(answer.share - sum(word.probability for word in shown), 0.0)
    hidden = max(answer.count - len(shown), 0)
    if answer.beginning:
        more = [f"{hidden:,} more"] if hidden else []
        unknown = f"{symbols.unknown} {units.percent(answer.unknown_share)}: an unknown word may also begin so"
        return line(muted(f"     {symbols.dot.join([*more, unknown])}"))
    parts = [f"{hidden:,} more {units.percent(rest)}"]
    for rank, word in answer.special:
        if word not in shown:
            parts.append(f"{rank:,}. {symbols.word(word.word)} {units.percent(word.probability)}")
    while len(parts) > 1 and cell_len(symbols.dot.join(parts)) + 5 > cells:
        parts.pop()
    return line(muted(f"     {symbols.dot.join(parts)}"))


def _no_completion(answer: Answer, symbols: Symbols) -> Line:
    read_as = f"{_named(answer.read_as, symbols).text}, probability {units.percent(answer.share)}"
    return line(muted(f" Not in the vocabulary; the model reads it as {read_as}."))
