"""Panel 6: the end of what the trainer printed, and what went wrong."""

import textwrap

from ptbterm.runs.events import RunFailed
from ptbterm.terminal.dashboard.view import RunView
from ptbterm.terminal.lines import Line, Role, Span, line, muted
from ptbterm.terminal.safe_text import visible


def reason(view: RunView, cells: int, rows: int) -> list[Line]:
    """Return why the run failed and what to do, in so many lines; nothing if it has not failed."""
    if not isinstance(view.state.end, RunFailed):
        return []
    why = view.symbols.text(visible(f"{view.state.end.reason} {view.state.end.hint}".strip()))
    wrapped = textwrap.wrap(why, max(cells - 2, 10))[:rows]
    return [line(" ", Span(text, Role.FAILED)) for text in [*wrapped, *[""] * (rows - len(wrapped))]]


def lines(view: RunView) -> list[Line]:
    """Return the lines of the log, what is wrong with the events above them, warnings and the failure below."""
    rows = [line(view.symbols.text(visible(text))) for text in view.log]
    if not rows:
        rows = [line(muted("The trainer has printed nothing here: it trains, or trained, in a terminal."))]
    warnings = [f"Warning: {warning.message}" for warning in view.state.warnings]
    rows += [_in_red(view, warning) for warning in warnings if warning not in view.log]
    if isinstance(view.state.end, RunFailed):
        rows.append(_in_red(view, f"{view.state.end.reason} {view.state.end.hint}".strip()))
    if view.damaged_lines:
        damage = f"{view.damaged_lines} lines of events.jsonl are no events and were passed over."
        rows.insert(0, line(Span(damage, Role.FAILED)))
    return rows


def _in_red(view: RunView, text: str) -> Line:
    return line(Span(view.symbols.text(visible(text)), Role.FAILED))
