"""Panel 5: every setting of the run, and what it was made from and with."""

import msgspec

from ptbterm.settings.resolve import flatten
from ptbterm.settings.schema import Settings
from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.text.lines import Line, line, muted, strong


def lines(view: RunView) -> list[Line]:
    """Return facts, then settings; those that are not the default are strong."""
    record = view.record
    if record is None:
        return [line(muted("The run has no settings yet."))]
    facts = {"preset": record.preset, **msgspec.to_builtins(record.run)}
    values, defaults = flatten(record.settings), flatten(Settings())
    longest = max(map(len, values))
    rows = [line(muted(f"{name:<{longest}}  "), view.symbols.shown(str(value))) for name, value in facts.items()]
    rows.append(line())
    for key, value in values.items():
        text = view.symbols.shown(str(value))
        rows.append(line(muted(f"{key:<{longest}}  "), text if value == defaults[key] else strong(text)))
    return rows
