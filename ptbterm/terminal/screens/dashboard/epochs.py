"""Panel 2: a row for each epoch, the newest last."""

from ptbterm.runs.events import Progress
from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.screens.dashboard.perplexity import train_figure
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.columns import Cell, aligned
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted
from ptbterm.terminal.text.symbols import Symbols

HEADINGS = ("epoch", "rate", "train", "valid", "words/s", "time")
CELLS = (5, 9, 9, 9, 10, 7)
NUMBER_CELLS = 4


def epoch_lines(run: RunSnapshot, symbols: Symbols, chosen: int | None = None) -> list[Line]:
    """Return the heading, the finished epochs, of which one may be chosen, and the one being trained."""
    state = run.state
    rows: list[list[Cell]] = [[muted(heading) for heading in HEADINGS]]
    notes: list[Span | str] = [""]
    for number in sorted(state.epochs):
        rows.append(_finished(run, symbols, number, chosen=number == chosen))
        is_best = state.epochs[number] is state.best
        notes.append(Span(f"   {symbols.best} best", Role.VALID) if is_best else "")
    progress = state.progress
    if progress and progress.epoch not in state.epochs:
        rows.append(_current(run, symbols, progress))
        notes.append(muted(f"   {100 * progress.fraction:.0f} %"))
    table = aligned(rows, right=0, gap=1, minimum=CELLS)
    return [[*cells, *line(note)] for cells, note in zip(table, notes, strict=True)]


def _finished(run: RunSnapshot, symbols: Symbols, number: int, *, chosen: bool) -> list[Cell]:
    epoch, rate = run.state.epochs[number], run.state.rates.get(number)
    mark = symbols.chosen if chosen else " "
    return [
        f"{mark}{number:>{NUMBER_CELLS}}",
        "" if rate is None else units.learning_rate(rate),
        Span(train_figure(epoch.train_perplexity, symbols, estimate=epoch.estimate), Role.TRAIN),
        Span(units.short_perplexity(epoch.valid_perplexity), Role.VALID),
        units.count(epoch.words_per_second),
        units.duration(epoch.training_seconds),
    ]


def _current(run: RunSnapshot, symbols: Symbols, progress: Progress) -> list[Cell]:
    return [
        f"{progress.epoch}",
        units.learning_rate(progress.learning_rate),
        Span(train_figure(progress.perplexity, symbols, estimate=progress.estimate), Role.TRAIN),
        muted(symbols.ellipsis),
        units.count(progress.words_per_second),
        units.duration(run.state.epoch_seconds),
    ]
