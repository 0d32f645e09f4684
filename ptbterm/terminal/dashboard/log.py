"""Panel 6: the end of what the trainer printed."""

from ptbterm.runs.events import RunFailed
from ptbterm.terminal.dashboard.view import RunView
from ptbterm.terminal.lines import Line, Role, Span, line, muted
from ptbterm.terminal.safe_text import visible


def lines(view: RunView) -> list[Line]:
    """Return the lines of the log, and above them what is wrong with the events, if anything is."""
    rows = [line(view.symbols.text(visible(text))) for text in view.log]
    if not rows:
        rows = [line(muted("The trainer has printed nothing here: it trains, or trained, in a terminal."))]
    if isinstance(view.state.end, RunFailed):
        why = f"{view.state.end.reason} {view.state.end.hint}".strip()
        rows.append(line(Span(view.symbols.text(visible(why)), Role.FAILED)))
    if view.damaged_lines:
        damage = f"{view.damaged_lines} lines of events.jsonl are no events and were passed over."
        rows.insert(0, line(Span(damage, Role.FAILED)))
    return rows
