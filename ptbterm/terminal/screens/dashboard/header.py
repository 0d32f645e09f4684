"""The two lines at the top: the run and its state, its progress, and what to do next."""

from datetime import datetime, timedelta

from ptbterm.runs.condition import Condition
from ptbterm.runs.events import RunFailed, RunStopped
from ptbterm.runs.watched import RunSnapshot, event_time
from ptbterm.terminal.screens.dashboard.log import failure_sentence
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import TWO_COLUMNS, Line, Role, Span, fit, justify, line, muted, strong, width
from ptbterm.terminal.text.symbols import Symbols

KILL_SECONDS = 30
MAX_SECONDS_LEFT = 3e9
"""About a century: a later end would not fit the calendar."""


def header_lines(run: RunSnapshot, symbols: Symbols, cells: int) -> list[Line]:
    """Return both lines, each of `cells`."""
    return [_first(run, symbols, cells), fit([Span(" "), *_second(run, symbols, cells - 2)], cells)]


def _first(run: RunSnapshot, symbols: Symbols, cells: int) -> Line:
    epochs = f"epoch {run.state.epoch} of {run.state.total_epochs} " if run.state.epoch else ""
    name, facts = strong(symbols.shown(run.name)), _facts(run, symbols, cells)
    return justify(line(" ", name, "  ", status(run, symbols), "  ", facts), line(epochs), cells)


def status(run: RunSnapshot, symbols: Symbols) -> Span:
    """Return the state of the run: symbol, word and color."""
    if run.asked_to_stop and run.condition is Condition.RUNNING:
        return muted(f"{symbols.waiting} stopping")
    return {
        Condition.STARTING: muted(f"{symbols.waiting} starting"),
        Condition.RUNNING: Span(f"{symbols.running} running", Role.TRAIN),
        Condition.FINISHED: strong(f"{symbols.finished} finished"),
        Condition.STOPPED: muted(f"{symbols.stopped} stopped"),
        Condition.FAILED: Span(f"{symbols.failed} failed", Role.FAILED),
        Condition.LOST: Span("? lost", Role.FAILED),
        Condition.UNKNOWN: muted("? unknown"),
        Condition.GONE: Span("? gone", Role.FAILED),
    }[run.condition]


def _facts(run: RunSnapshot, symbols: Symbols, cells: int) -> Span:
    started, record = run.state.started, run.record
    corpus = started.corpus if started else record.run.corpus if record else ""
    facts = [symbols.shown(corpus)] if corpus else []
    if started:
        device = symbols.shown(started.device)
        facts.append(f"{device}, {units.counted(started.threads, 'thread')}" if device == "cpu" else device)
        if cells >= TWO_COLUMNS:
            facts += [f"{units.millions(started.parameters)} parameters", f"seed {started.seed}"]
            facts.append(f"started {units.clock(event_time(started.time))}")
    return muted(symbols.dot.join(facts))


def _second(run: RunSnapshot, symbols: Symbols, cells: int) -> Line:
    end = run.state.end
    match run.condition:
        case Condition.FAILED if isinstance(end, RunFailed):
            return line(Span(symbols.shown(failure_sentence(run.name, end)), Role.FAILED))
        case Condition.LOST | Condition.STOPPED | Condition.UNKNOWN | Condition.GONE:
            return _interrupted(run, symbols, cells)
        case Condition.FINISHED:
            return _result(run, symbols, cells)
        case Condition.STARTING:
            return line(muted(f"The trainer is starting{symbols.ellipsis}"))
    if run.asked_to_stop:
        return _stopping(run, run.asked_to_stop)
    return _progress(run, symbols, cells)


def _interrupted(run: RunSnapshot, symbols: Symbols, cells: int) -> Line:
    """Return the position of the run and how to resume it, with the command if it fits."""
    if run.condition is Condition.UNKNOWN:
        return line(muted("It is unknown whether it trains: its file system has no locks."))
    if run.condition is Condition.GONE:
        return line(Span("The folder of this run was deleted or renamed.", Role.FAILED))
    end, last = run.state.end, run.state.time
    if isinstance(end, RunStopped):
        place = muted(f"at epoch {end.epoch}, window {end.window}, saved.")
    elif last:
        died = f"The trainer died; its last event was at {units.clock(event_time(last))}."
        place = Span(died, Role.FAILED)
    else:
        place = Span("The trainer never started.", Role.FAILED)
    long = line(place, f"  r resumes it, or: ptbterm resume {symbols.shown(run.name)}")
    return long if width(long) <= cells else line(place, "  r resumes it.")


def _result(run: RunSnapshot, symbols: Symbols, cells: int) -> Line:
    """Return the test perplexity and how it was measured, as much of it as fits."""
    test, dot = run.state.evaluated.get("test"), symbols.dot
    time = f"{units.duration(run.state.training_seconds)} of training"
    if test is None:
        return line(muted(time))
    floor = "" if test.floor_perplexity is None else f", floor {units.short_perplexity(test.floor_perplexity)}"
    result = line("test perplexity ", strong(units.short_perplexity(test.perplexity)), muted(floor))
    for how in (f"{dot}{test.protocol}, {test.words:,} words{dot}{time}", f"{dot}{test.protocol}{dot}{time}", ""):
        if width(result) + len(how) <= cells:
            return [*result, muted(how)]
    return result


def may_kill(run: RunSnapshot) -> bool:
    """Return whether a trainer was asked to stop and has not responded for `KILL_SECONDS`."""
    asked = run.asked_to_stop
    return asked is not None and (run.now - asked).total_seconds() >= KILL_SECONDS


def _stopping(run: RunSnapshot, asked: datetime) -> Line:
    if not may_kill(run):
        return line(
            muted(f"It will stop after the current window. Asked {(run.now - asked).total_seconds():.0f} s ago.")
        )
    saved = run.saved_seconds
    loss = "nothing is saved yet" if saved is None else f"the last checkpoint was saved {units.ago(saved)} ago"
    return line(Span("Not responding. ", Role.FAILED), f"k kills it; {loss}.")


def _progress(run: RunSnapshot, symbols: Symbols, cells: int) -> Line:
    progress = run.state.progress
    if progress is None:
        return line(muted(f"Training the first words{symbols.ellipsis}"))
    done = run.state.training_seconds
    whole = done + progress.seconds_left
    share = done / whole if whole > 0 else 0.0
    if run.is_silent:
        silence = f"no events for {units.ago(run.silent_seconds)} "
        tail = line(f" {100 * share:.0f} % ", Span(silence, Role.FAILED))
    else:
        left = min(max(0.0, progress.seconds_left - run.silent_seconds), MAX_SECONDS_LEFT)
        ends = units.clock(run.now + timedelta(seconds=left))
        when = f"ends {ends}" if cells >= TWO_COLUMNS else ends
        tail = line(f" {100 * share:.0f} % ", muted(f"{units.duration(left)} left, {when} "))
    room = cells - width(tail)
    bar = symbols.bar_of(share, room)
    return [Span(bar, Role.TRAIN), muted(symbols.bar_rest * (room - len(bar))), *tail]
