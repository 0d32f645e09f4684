"""Panel 6: the end of what the trainer printed."""

import textwrap

from ptbterm.runs.events import RunFailed
from ptbterm.terminal.dashboard.view import RunView
from ptbterm.terminal.lines import Line, Role, Span, line, muted


def reason(view: RunView, cells: int, rows: int) -> list[Line]:
    """Return why the run failed and what to do, in so many lines; nothing if it has not failed."""
    if not isinstance(view.state.end, RunFailed):
        return []
    wrapped = textwrap.wrap(view.symbols.shown(view.state.end.sentence), max(cells - 2, 10))[:rows]
    return [line(" ", Span(text, Role.FAILED)) for text in [*wrapped, *[""] * (rows - len(wrapped))]]


def lines(view: RunView) -> list[Line]:
    """Return the lines of the log, and above them what is wrong with the events, if anything is."""
    rows = [line(view.symbols.shown(text)) for text in view.log]
    if not rows:
        rows = [line(muted("The trainer has printed nothing here: it trains, or trained, in a terminal."))]
    if isinstance(view.state.end, RunFailed):
        rows.append(line(Span(view.symbols.shown(view.state.end.sentence), Role.FAILED)))
    if view.damaged_lines:
        damage = f"{view.damaged_lines} lines of events.jsonl are no events and were passed over."
        rows.insert(0, line(Span(damage, Role.FAILED)))
    return rows
