"""The two lines at the top: which run, what it is doing, how far it is, what to do next."""

from datetime import datetime, timedelta

from ptbterm.runs.events import RunFailed, RunStopped
from ptbterm.runs.process import Condition
from ptbterm.terminal.screens.dashboard.view import RunView, moment
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, Role, Span, fit, justify, line, muted, strong, width

KILL_SECONDS = 30
CENTURY_SECONDS = 3e9
"""No training is told to end later: the calendar has an end."""


def lines(view: RunView, cells: int) -> list[Line]:
    """Return both lines, each of `cells`."""
    return [_first(view, cells), fit([Span(" "), *_second(view, cells - 2)], cells)]


def _first(view: RunView, cells: int) -> Line:
    epochs = f"epoch {view.state.epoch} of {view.state.total_epochs} " if view.state.epoch else ""
    left = line(" ", strong(view.symbols.shown(view.name)), "  ", status(view), "  ", _facts(view, cells))
    return justify(left, line(epochs), cells)


def status(view: RunView) -> Span:
    """Return the state of the run: symbol, word and colour."""
    symbols = view.symbols
    if view.asked_to_stop and view.condition is Condition.RUNNING:
        return muted(f"{symbols.waiting} stopping")
    return {
        Condition.STARTING: muted(f"{symbols.waiting} starting"),
        Condition.RUNNING: Span(f"{symbols.running} running", Role.TRAIN),
        Condition.FINISHED: strong(f"{symbols.finished} finished"),
        Condition.STOPPED: muted(f"{symbols.stopped} stopped"),
        Condition.FAILED: Span(f"{symbols.failed} failed", Role.FAILED),
        Condition.LOST: Span("? lost", Role.FAILED),
    }[view.condition]


def _facts(view: RunView, cells: int) -> Span:
    started, record = view.state.started, view.record
    corpus = started.corpus if started else record.run.corpus if record else ""
    facts = [view.symbols.shown(corpus)] if corpus else []
    if started:
        device = view.symbols.shown(started.device)
        facts.append(f"{device}, {started.threads} threads" if device == "cpu" else device)
        if cells >= TWO_COLUMNS:
            facts += [f"{units.millions(started.parameters)} parameters", f"seed {started.seed}"]
            facts.append(f"started {units.clock(moment(started.time))}")
    return muted(view.symbols.dot.join(facts))


def _second(view: RunView, cells: int) -> Line:
    end = view.state.end
    match view.condition:
        case Condition.FAILED if isinstance(end, RunFailed):
            return line(Span(view.symbols.shown(end.sentence), Role.FAILED))
        case Condition.LOST | Condition.STOPPED:
            return _interrupted(view, cells)
        case Condition.FINISHED:
            return _result(view, cells)
        case Condition.STARTING:
            return line(muted(f"The trainer is starting{view.symbols.ellipsis}"))
    if view.asked_to_stop:
        return _stopping(view, view.asked_to_stop)
    return _progress(view, cells)


def _interrupted(view: RunView, cells: int) -> Line:
    """Return where the run stands, and how to go on, with the command where it fits."""
    end, last = view.state.end, view.state.time
    if isinstance(end, RunStopped):
        what = muted(f"at epoch {end.epoch}, window {end.window}, saved.")
    elif last:
        what = Span(f"The trainer is gone without a word since {units.clock(moment(last))}.", Role.FAILED)
    else:
        what = Span("No trainer has begun this run.", Role.FAILED)
    long = line(what, f"  r resumes, or: ptbterm resume {view.symbols.shown(view.name)}")
    return long if width(long) <= cells else line(what, "  r resumes it.")


def _result(view: RunView, cells: int) -> Line:
    """Return the test perplexity and how it was measured, as much of it as fits."""
    test, dot = view.state.evaluated.get("test"), view.symbols.dot
    took = f"{units.duration(view.state.training_seconds)} of training"
    if test is None:
        return line(muted(took))
    floor = "" if test.floor_perplexity is None else f", floor {units.short_perplexity(test.floor_perplexity)}"
    result = line("test perplexity ", strong(units.short_perplexity(test.perplexity)), muted(floor))
    for how in (f"{dot}{test.protocol}, {test.words:,} words{dot}{took}", f"{dot}{test.protocol}{dot}{took}", ""):
        if width(result) + len(how) <= cells:
            return [*result, muted(how)]
    return result


def may_kill(view: RunView) -> bool:
    """Return whether a trainer was asked to stop, and has not answered for long enough."""
    asked = view.asked_to_stop
    return asked is not None and (view.now - asked).total_seconds() >= KILL_SECONDS


def _stopping(view: RunView, asked: datetime) -> Line:
    seconds = (view.now - asked).total_seconds()
    if not may_kill(view):
        return line(muted(f"after this window, {seconds:.0f} s"))
    saved = view.saved_seconds
    goes_on = "the run begins anew" if saved is None else f"the run goes on from the save {units.ago(saved)} ago"
    return line(Span("Not answering. ", Role.FAILED), f"k kills; {goes_on}.")


def _progress(view: RunView, cells: int) -> Line:
    progress, symbols = view.state.progress, view.symbols
    if progress is None:
        return line(muted(f"The first words are being read{symbols.ellipsis}"))
    done = view.state.training_seconds
    whole = done + progress.seconds_left
    share = done / whole if whole > 0 else 0.0
    if view.has_no_news:
        tail = line(f" {100 * share:.0f} % ", Span(f"no news for {units.ago(view.silent_seconds)} ", Role.FAILED))
    else:
        left = min(max(0.0, progress.seconds_left - view.silent_seconds), CENTURY_SECONDS)
        ends = units.clock(view.now + timedelta(seconds=left))
        when = f"ends {ends}" if cells >= TWO_COLUMNS else ends
        tail = line(f" {100 * share:.0f} % ", muted(f"{units.duration(left)} left, {when} "))
    room = cells - width(tail)
    bar = symbols.bar_of(share, room)
    return [Span(bar, Role.TRAIN), muted(symbols.bar_rest * (room - len(bar))), *tail]
