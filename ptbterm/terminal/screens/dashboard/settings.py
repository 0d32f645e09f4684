"""Panel 5: the settings of the run, and the facts of its creation."""

import msgspec

from ptbterm.runs.watched import RunSnapshot
from ptbterm.settings.resolve import flatten
from ptbterm.settings.schema import Settings
from ptbterm.terminal.text.columns import aligned
from ptbterm.terminal.text.lines import Line, line, muted, strong
from ptbterm.terminal.text.symbols import Symbols


def setting_lines(run: RunSnapshot, symbols: Symbols) -> list[Line]:
    """Return facts, then settings; those that differ from the default are strong."""
    if run.record is None:
        return [line(muted("The run has no settings yet."))]
    facts = {"preset": run.record.preset, **msgspec.to_builtins(run.record.run)}
    defaults = flatten(Settings())
    fact_rows = [(muted(name), symbols.shown(str(value))) for name, value in facts.items()]
    setting_rows = []
    for key, value in flatten(run.record.settings).items():
        text = symbols.shown(str(value))
        setting_rows.append((muted(key), text if value == defaults[key] else strong(text)))
    table = aligned([*fact_rows, *setting_rows], right=2)
    return [*table[: len(facts)], line(), *table[len(facts) :]]
