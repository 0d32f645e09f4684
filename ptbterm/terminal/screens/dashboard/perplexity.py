"""Panel 1: perplexity over epochs: the running train value, valid at each epoch's end, the best of them."""

import math
from dataclasses import dataclass
from enum import IntEnum

from ptbterm.corpus.penn_treebank import FINGERPRINT as PENN_TREEBANK
from ptbterm.runs.curve import FIRST_WORDS, CurvePoint, by_epoch, can_be_drawn
from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, justify, line, muted, strong, width
from ptbterm.terminal.text.plot import Guide, Marker, Plot, Series
from ptbterm.terminal.text.symbols import Symbols

PUBLISHED = {"TensorFlow small": 115.9, "TensorFlow medium": 82.1, "TensorFlow large": 78.3, "notebook": 203.7}
"""Test perplexities of TensorFlow's tutorial (README), and the notebook's valid perplexity after its one epoch."""
AXIS_STEP = 0.08
"""The logarithm of the step by which the range of the axis grows or shrinks."""


class Extent(IntEnum):
    """How much of the run is shown."""

    WHOLE = 0
    LAST_TWO = 1
    THIS_EPOCH = 2


@dataclass(frozen=True)
class CurveOptions:
    """How the curve is drawn; `inspected` is a place in it, in epochs."""

    extent: Extent = Extent.WHOLE
    log: bool = True
    guides: bool = True
    inspected: float | None = None


def perplexity_lines(
    run: RunSnapshot, symbols: Symbols, options: CurveOptions, cells: int, rows: int
) -> list[Line]:
    """Return `rows` lines: the plot, and below it the legend or the inspected point."""
    if not run.state.curve:
        waiting = f"Waiting for the first progress report{symbols.ellipsis}"
        return [line(), line(muted(waiting if run.is_live else "Nothing was trained yet."))]
    if options.inspected is None:
        bottom = _legend(run, symbols, options, cells)
    else:
        bottom = _inspected(run, symbols, options.inspected, cells)
    return [*perplexity_plot(run, symbols, options).render(cells, rows - 1), bottom]


def perplexity_plot(run: RunSnapshot, symbols: Symbols, options: CurveOptions) -> Plot:
    """Return the train curve, the valid markers and the guides near them."""
    first, last = x_range(run, options)
    points = [point for point in run.state.curve if first < point.epoch <= last] or run.state.curve[-1:]
    markers = [marker for marker in _valid_markers(run, symbols) if first <= marker.x <= last]
    guides = _guides(run) if options.guides else []
    values = [point.perplexity for point in points if point.epochs >= FIRST_WORDS] or [points[-1].perplexity]
    values += [marker.y for marker in markers]
    low, high = min(values), max(values)
    near = [guide for guide in guides if low / 1.25 <= guide.y <= high * 1.02]
    low = min([low, *(guide.y for guide in near)])
    return Plot(
        x=(first, last),
        y=(_step_below(low), 1 / _step_below(1 / high)),
        series=[Series(by_epoch(points))],
        markers=markers,
        guides=near,
        log=options.log,
        cursor=None if options.inspected is None else nearest_point(run, options.inspected).epochs,
        ascii_only=symbols.ascii_only,
    )


def _step_below(value: float) -> float:
    """Return a value just below, on a fixed scale: an axis that followed each figure would always be redrawn."""
    return math.exp(AXIS_STEP * math.floor(math.log(value) / AXIS_STEP - 0.25))


def x_range(run: RunSnapshot, options: CurveOptions) -> tuple[float, float]:
    """Return the first and the last place shown, in epochs."""
    epoch, total = run.state.epoch, max(run.state.total_epochs, run.state.epoch, 1)
    match options.extent:
        case Extent.WHOLE:
            return 0.0, float(total)
        case Extent.LAST_TWO:
            return float(max(epoch - 2, 0)), float(max(epoch, 1))
    return float(epoch - 1), float(epoch)


def nearest_point(run: RunSnapshot, place: float, steps: int = 0) -> CurvePoint:
    """Return the point nearest to a place in the curve, or the one `steps` after it, within the curve."""
    curve = run.state.curve
    number = min(range(len(curve)), key=lambda number: abs(curve[number].epochs - place))
    return curve[max(0, min(number + steps, len(curve) - 1))]


def place_at(run: RunSnapshot, symbols: Symbols, options: CurveOptions, column: int, cells: int) -> float:
    """Return the place in the curve that is drawn in a column of `cells`."""
    return perplexity_plot(run, symbols, options).x_at(column, cells)


def _valid_markers(run: RunSnapshot, symbols: Symbols) -> list[Marker]:
    best = run.state.best
    return [
        Marker(
            x=float(number),
            y=epoch.valid_perplexity,
            symbol=symbols.best if epoch is best else symbols.valid,
            label=units.short_perplexity(epoch.valid_perplexity),
        )
        for number, epoch in run.state.epochs.items()
        if can_be_drawn(epoch.valid_perplexity)
    ]


def _guides(run: RunSnapshot) -> list[Guide]:
    """Return published figures for the Penn Treebank, and the floor if the corpus has one."""
    scored = run.state.evaluated.get("test") or run.state.evaluated.get("valid")
    floor = scored.floor_perplexity if scored else None
    guides = [Guide(floor, f"floor {units.short_perplexity(floor)}")] if floor and can_be_drawn(floor) else []
    if run.record and run.record.run.corpus_fingerprint == PENN_TREEBANK:
        guides += [Guide(value, f"{name} {value}") for name, value in PUBLISHED.items()]
    return guides


def _legend(run: RunSnapshot, symbols: Symbols, options: CurveOptions, cells: int) -> Line:
    state = run.state
    newest = state.curve[-1]
    train = train_figure(newest.perplexity, symbols, estimate=newest.estimate)
    parts: list[str | Span] = [" ", Span(f"{symbols.train} train {train}", Role.TRAIN)]
    if state.epochs:
        last = state.epochs[max(state.epochs)]
        parts.append(Span(f"   {symbols.valid} valid {units.short_perplexity(last.valid_perplexity)}", Role.VALID))
    if best := state.best:
        text = f"   {symbols.best} best {units.short_perplexity(best.valid_perplexity)}, epoch {best.epoch}"
        parts.append(Span(text, Role.VALID))
    if options.guides and _guides(run) and cells >= 80:
        parts.append(muted(f"   {symbols.guide} reference"))
    return justify(line(*parts), line(muted("log axis" if options.log else "linear axis")), cells)


def _inspected(run: RunSnapshot, symbols: Symbols, place: float, cells: int) -> Line:
    point = nearest_point(run, place)
    left = line(
        strong(f" epoch {point.epochs:.2f}"),
        Span(f"  train {train_figure(point.perplexity, symbols, estimate=point.estimate)}", Role.TRAIN),
        f"  {units.count(point.words_per_second)} words/s  rate {units.learning_rate(point.learning_rate)}",
    )
    hint = line(muted("left, right move  Esc closes "))
    return justify(left, hint if width(left) + width(hint) < cells else [], cells)


def train_figure(perplexity: float, symbols: Symbols, *, estimate: bool) -> str:
    """Return a train perplexity, marked if a sampled softmax makes it an estimate."""
    return f"{symbols.about if estimate else ''}{units.short_perplexity(perplexity)}"
