"""Runs side by side: their curves in one plot, their results, and the settings that differ."""

from collections.abc import Sequence

from ptbterm.runs.curve import FIRST_WORDS, by_epoch, can_be_drawn
from ptbterm.runs.summary import RunSummary
from ptbterm.settings.resolve import flatten
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.lines import Role, plain_text
from ptbterm.terminal.text.plot import Marker, Plot, Series, Stroke
from ptbterm.terminal.text.safe_text import visible

LETTERS = "ABCD"
MAX_RUNS = len(LETTERS)
ROWS = 16
STROKES = (Stroke.SOLID, Stroke.DASHED, Stroke.DOTTED, Stroke.DASH_DOT)


def comparison_page(summaries: Sequence[RunSummary], cells: int, *, ascii_only: bool = False) -> list[str]:
    """Return the plot of all runs, their results, the settings that differ, and reasons not to compare them."""
    lines = [plain_text(line).rstrip() for line in _plot(summaries, ascii_only=ascii_only).render(cells, ROWS)]
    rows = [("", *LETTERS[: len(summaries)]), *_results(summaries), *_differences(summaries)]
    return [*lines, "", *columns(rows, right=1), *_warnings(summaries)]


def _plot(summaries: Sequence[RunSummary], *, ascii_only: bool) -> Plot:
    series = [
        Series(
            pieces=by_epoch(summary.state.curve),
            role=Role.TRAIN,
            stroke=stroke,
            label=letter,
        )
        for summary, letter, stroke in zip(summaries, LETTERS, STROKES, strict=False)
    ]
    markers = [
        Marker(float(epoch.epoch), epoch.valid_perplexity, letter, "")
        for summary, letter in zip(summaries, LETTERS, strict=False)
        for epoch in summary.state.epochs.values()
        if can_be_drawn(epoch.valid_perplexity)
    ]
    points = [point for summary in summaries for point in summary.state.curve if point.epochs >= FIRST_WORDS]
    values = [*(point.perplexity for point in points), *(marker.y for marker in markers)] or [1.0]
    total = max(max(summary.state.total_epochs, 1) for summary in summaries)
    return Plot(
        x=(0.0, float(total)),
        y=(min(values) * 0.97, max(values) * 1.03),
        series=series,
        markers=markers,
        ascii_only=ascii_only,
    )


def _results(summaries: Sequence[RunSummary]) -> list[tuple[str, ...]]:
    tests = [summary.state.evaluated.get("test") for summary in summaries]
    bests = [summary.best_valid_perplexity for summary in summaries]
    return [
        ("run", *(visible(summary.run.name) for summary in summaries)),
        ("state", *(summary.condition.value for summary in summaries)),
        ("best valid perplexity", *("-" if best is None else units.short_perplexity(best) for best in bests)),
        (
            "test perplexity",
            *("-" if test is None else units.short_perplexity(test.perplexity) for test in tests),
        ),
        ("training time", *(units.duration(summary.state.training_seconds) for summary in summaries)),
        ("words/s", *(_speed(summary) for summary in summaries)),
    ]


def _speed(summary: RunSummary) -> str:
    return units.count(summary.state.progress.words_per_second) if summary.state.progress else "-"


def _differences(summaries: Sequence[RunSummary]) -> list[tuple[str, ...]]:
    every = [{"preset": summary.record.preset, **flatten(summary.record.settings)} for summary in summaries]
    return [
        (key, *(visible(str(values[key])) for values in every))
        for key in every[0]
        if any(values[key] != every[0][key] for values in every)
    ]


def _warnings(summaries: Sequence[RunSummary]) -> list[str]:
    """Return a sentence for each reason not to compare the perplexities."""
    first, *rest = summaries
    warnings = []
    if any(other.record.run.corpus_fingerprint != first.record.run.corpus_fingerprint for other in rest):
        warnings.append("Not comparable: the runs were trained on different texts.")
    if any(other.record.run.vocabulary_size != first.record.run.vocabulary_size for other in rest):
        warnings.append("Not comparable: the vocabularies differ in size.")
    if any(other.record.training.evaluation != first.record.training.evaluation for other in rest):
        warnings.append("Not comparable: the runs were evaluated by different protocols.")
    if any(other.record.run.platform != first.record.run.platform for other in rest):
        warnings.append("Times and speeds were measured on different machines.")
    return ["", *warnings] if warnings else []
