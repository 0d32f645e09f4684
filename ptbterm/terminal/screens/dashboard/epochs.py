"""Panel 2: a row for each epoch, the newest last."""

from ptbterm.runs.events import Progress
from ptbterm.terminal.screens.dashboard.perplexity import short
from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted

HEADING = f"{'epoch':>5} {'rate':>9} {'train':>9} {'valid':>9} {'words/s':>10} {'time':>7}"


def lines(view: RunView, chosen: int | None = None) -> list[Line]:
    """Return the heading, the finished epochs, of which one may be chosen, and the one that trains."""
    state = view.state
    finished = (_finished(view, number, chosen=number == chosen) for number in sorted(state.epochs))
    rows = [line(muted(HEADING)), *finished]
    if state.progress and state.progress.epoch not in state.epochs:
        rows.append(_current(view, state.progress))
    return rows


def _finished(view: RunView, number: int, *, chosen: bool) -> Line:
    epoch, about = view.state.epochs[number], view.symbols.about
    rate = view.state.rates.get(number)
    mark = view.symbols.chosen if chosen else " "
    return line(
        f"{mark}{number:>4} {'' if rate is None else units.learning_rate(rate):>9} ",
        Span(f"{short(epoch.train_perplexity, epoch.estimate, about):>9}", Role.TRAIN),
        Span(f" {units.short_perplexity(epoch.valid_perplexity):>9}", Role.VALID),
        f" {units.count(epoch.words_per_second):>10} {units.duration(epoch.training_seconds):>7}",
        Span(f"   {view.symbols.best} best", Role.VALID) if epoch is view.state.best else "",
    )


def _current(view: RunView, progress: Progress) -> Line:
    return line(
        f"{progress.epoch:>5} {units.learning_rate(progress.learning_rate):>9} ",
        Span(f"{short(progress.perplexity, progress.estimate, view.symbols.about):>9}", Role.TRAIN),
        muted(f" {view.symbols.ellipsis:>9}"),
        f" {units.count(progress.words_per_second):>10} {units.duration(view.state.epoch_seconds):>7}",
        muted(f"   {100 * progress.fraction:.0f} %"),
    )
