"""Runs as plain text: the list of them, and the facts of one."""

from collections.abc import Sequence

from ptbterm.runs.summary import RunSummary
from ptbterm.settings.resolve import flatten
from ptbterm.settings.schema import Settings
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.safe_text import visible

HEADINGS = ("run", "state", "corpus", "epoch", "valid", "test", "time")


def run_list(summaries: Sequence[RunSummary]) -> list[str]:
    """Return a heading and a row for each run."""
    return columns([HEADINGS, *map(_row, summaries)], right=3)


def run_facts(summary: RunSummary) -> list[str]:
    """Return the facts of a run, one per line, and the settings that differ from the default."""
    state, record = summary.state, summary.record
    results = [
        (
            f"{scored.split} perplexity",
            f"{units.perplexity(scored.perplexity)} ({scored.protocol}, {scored.words:,} words)",
        )
        for scored in state.evaluated.values()
    ]
    defaults = flatten(Settings())
    changed = [(key, str(value)) for key, value in flatten(record.settings).items() if value != defaults[key]]
    facts = [
        ("run", summary.run.name),
        ("state", summary.condition.value),
        ("path", str(summary.run.path)),
        ("preset", record.preset),
        ("corpus", record.run.corpus),
        ("device", f"{record.run.device}, {units.counted(record.run.threads, 'thread')}"),
        ("created", record.run.created),
        ("epoch", _epoch(summary)),
        ("training", units.duration(state.training_seconds)),
        *results,
        *changed,
    ]
    return columns([(visible(name), visible(value)) for name, value in facts], right=2)


def _row(summary: RunSummary) -> tuple[str, ...]:
    test = summary.state.evaluated.get("test")
    valid = summary.best_valid_perplexity
    return (
        visible(summary.run.name),
        summary.condition.value,
        visible(summary.record.run.corpus),
        _epoch(summary),
        "" if valid is None else units.short_perplexity(valid),
        "" if test is None else units.short_perplexity(test.perplexity),
        units.duration(summary.state.training_seconds),
    )


def _epoch(summary: RunSummary) -> str:
    return f"{summary.state.epoch} of {summary.state.total_epochs}" if summary.state.epoch else ""
