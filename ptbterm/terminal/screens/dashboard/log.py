"""Panel 6: the end of what the trainer printed, and what went wrong."""

import textwrap

from ptbterm.runs.events import RunFailed
from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.text.lines import Line, Role, Span, line, muted


def reason(view: RunView, cells: int, rows: int) -> list[Line]:
    """Return why the run failed and what to do, in so many lines; nothing if it has not failed."""
    if not isinstance(view.state.end, RunFailed):
        return []
    wrapped = textwrap.wrap(view.symbols.shown(view.state.end.sentence), max(cells - 2, 10))[:rows]
    return [line(" ", Span(text, Role.FAILED)) for text in [*wrapped, *[""] * (rows - len(wrapped))]]


def lines(view: RunView, cells: int) -> list[Line]:
    """Return the lines of the log, what is wrong with the events above them, warnings and the failure below."""
    rows = [line(part) for text in view.log for part in _parts(view, text, cells)]
    if not rows:
        rows = [line(muted("The trainer has printed nothing here: it trains, or trained, in a terminal."))]
    troubles = [f"Warning: {warning.message}" for warning in view.state.warnings]
    troubles = [trouble for trouble in troubles if trouble not in view.log]
    if isinstance(view.state.end, RunFailed):
        troubles.append(view.state.end.sentence)
    rows += [line(Span(part, Role.FAILED)) for text in troubles for part in _parts(view, text, cells)]
    if view.damaged_lines:
        damage = f"{view.damaged_lines} lines of events.jsonl are no events and were passed over."
        rows.insert(0, line(Span(damage, Role.FAILED)))
    return rows


def _parts(view: RunView, text: str, cells: int) -> list[str]:
    """Return text as this terminal can show it, broken between words where it is too long."""
    shown = view.symbols.shown(text)
    return [shown] if len(shown) <= cells else textwrap.wrap(shown, cells)
