"""Panel 6: the end of what the trainer printed, and what went wrong."""

import textwrap

from ptbterm.runs.events import RunFailed
from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.text.hints import resume_command
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted
from ptbterm.terminal.text.numbers import counted
from ptbterm.terminal.text.symbols import Symbols


def failure_sentence(name: str, end: RunFailed) -> str:
    """Return why a run failed and what to do; resuming it unchanged would not help if there is a `change`."""
    command = f"Resume it: {resume_command(name, end.change)}" if end.change else ""
    return f"{end.sentence} {command}".strip()


def failure_lines(run: RunSnapshot, symbols: Symbols, cells: int, rows: int) -> list[Line]:
    """Return in exactly `rows` lines why the run failed and what to do; nothing if it did not fail."""
    if not isinstance(run.state.end, RunFailed):
        return []
    sentence = failure_sentence(run.name, run.state.end)
    wrapped = textwrap.wrap(symbols.shown(sentence), max(cells - 2, 10))[:rows]
    return [line(" ", Span(text, Role.FAILED)) for text in [*wrapped, *[""] * (rows - len(wrapped))]]


def log_lines(run: RunSnapshot, symbols: Symbols, cells: int) -> list[Line]:
    """Return the log; above it the damage to the events, below it the warnings and the failure."""
    rows = [line(part) for text in run.log for part in _wrapped(text, symbols, cells)]
    if not rows:
        rows = [line(muted("The log is empty: the trainer runs, or ran, in a terminal."))]
    troubles = [f"Warning: {warning.message}" for warning in run.state.warnings]
    troubles = [trouble for trouble in troubles if trouble not in run.log]
    if isinstance(run.state.end, RunFailed):
        troubles.append(failure_sentence(run.name, run.state.end))
    rows += [line(Span(part, Role.FAILED)) for text in troubles for part in _wrapped(text, symbols, cells)]
    if run.damaged_lines:
        damage = f"Skipped {counted(run.damaged_lines, 'line')} of events.jsonl that could not be parsed."
        rows.insert(0, line(Span(damage, Role.FAILED)))
    return rows


def _wrapped(text: str, symbols: Symbols, cells: int) -> list[str]:
    shown = symbols.shown(text)
    return [shown] if len(shown) <= cells else textwrap.wrap(shown, cells)
