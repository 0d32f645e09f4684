"""Panel 1: perplexity over epochs: the running train value, valid at each epoch's end, the best of them."""

import math
from dataclasses import dataclass
from enum import IntEnum

from ptbterm.corpus.download.checksums import PENN_TREEBANK
from ptbterm.runs.curve import FIRST_WORDS, CurvePoint, by_epoch, can_be_drawn
from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, justify, line, muted, strong, width
from ptbterm.terminal.text.plot import Curve, Guide, Marker, Plot

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
class Look:
    """How the curve is looked at; `inspected` is a place in it, in epochs, None when none is."""

    extent: Extent = Extent.WHOLE
    log: bool = True
    guides: bool = True
    inspected: float | None = None


def lines(view: RunView, look: Look, cells: int, rows: int) -> list[Line]:
    """Return `rows` lines: the plot, and below it the legend or the point that is inspected."""
    if not view.state.curve:
        waiting = line(muted(f"The curve begins with the first report{view.symbols.ellipsis}"))
        return [line(), waiting] if view.is_live else [line(), line(muted("Nothing was trained yet."))]
    bottom = _legend(view, look, cells) if look.inspected is None else _inspected(view, look.inspected, cells)
    return [*plot(view, look).lines(cells, rows - 1), bottom]


def plot(view: RunView, look: Look) -> Plot:
    """Return what is drawn."""
    first, last = x_range(view, look)
    points = [point for point in view.state.curve if first < point.epoch <= last] or view.state.curve[-1:]
    markers = [marker for marker in _valid_markers(view) if first <= marker.x <= last]
    guides = _guides(view) if look.guides else []
    values = [point.perplexity for point in points if point.epochs >= FIRST_WORDS] or [points[-1].perplexity]
    values += [marker.y for marker in markers]
    least, greatest = min(values), max(values)
    near = [guide for guide in guides if least / 1.25 <= guide.y <= greatest * 1.02]
    least = min([least, *(guide.y for guide in near)])
    return Plot(
        x=(first, last),
        y=(_step_below(least), 1 / _step_below(1 / greatest)),
        curves=[Curve(by_epoch(points))],
        markers=markers,
        guides=near,
        log=look.log,
        cursor=None if look.inspected is None else nearest_point(view, look.inspected).epochs,
        ascii_only=view.symbols.ascii_only,
    )


def _step_below(value: float) -> float:
    """Return a value just below, of a fixed scale: an axis that follows every figure would always be redrawn."""
    return math.exp(AXIS_STEP * math.floor(math.log(value) / AXIS_STEP - 0.25))


def x_range(view: RunView, look: Look) -> tuple[float, float]:
    """Return the first and the last place shown, in epochs."""
    epoch, total = view.state.epoch, max(view.state.total_epochs, view.state.epoch, 1)
    match look.extent:
        case Extent.WHOLE:
            return 0.0, float(total)
        case Extent.LAST_TWO:
            return float(max(epoch - 2, 0)), float(max(epoch, 1))
    return float(epoch - 1), float(epoch)


def nearest_point(view: RunView, place: float, steps: int = 0) -> CurvePoint:
    """Return the point nearest to a place in the curve, or the one so many steps after it, within the curve."""
    curve = view.state.curve
    number = min(range(len(curve)), key=lambda number: abs(curve[number].epochs - place))
    return curve[max(0, min(number + steps, len(curve) - 1))]


def place_at(view: RunView, look: Look, column: int, cells: int) -> float:
    """Return the place in the curve that is drawn in a column of `cells`."""
    return plot(view, look).x_at(column, cells)


def _valid_markers(view: RunView) -> list[Marker]:
    best, symbols = view.state.best, view.symbols
    return [
        Marker(
            x=float(number),
            y=epoch.valid_perplexity,
            symbol=symbols.best if epoch is best else symbols.valid,
            label=units.short_perplexity(epoch.valid_perplexity),
        )
        for number, epoch in view.state.epochs.items()
        if can_be_drawn(epoch.valid_perplexity)
    ]


def _guides(view: RunView) -> list[Guide]:
    """Return published figures for the Penn Treebank, and the floor where the truth itself is known."""
    scored = view.state.evaluated.get("test") or view.state.evaluated.get("valid")
    floor = scored.floor_perplexity if scored else None
    guides = [Guide(floor, f"floor {units.short_perplexity(floor)}")] if floor and can_be_drawn(floor) else []
    if view.record and view.record.run.corpus_fingerprint == PENN_TREEBANK:
        guides += [Guide(value, f"{name} {value}") for name, value in PUBLISHED.items()]
    return guides


def _legend(view: RunView, look: Look, cells: int) -> Line:
    symbols, state = view.symbols, view.state
    newest = state.curve[-1]
    parts: list[str | Span] = [
        " ",
        Span(f"{symbols.train} train {short(newest.perplexity, newest.estimate, symbols.about)}", Role.TRAIN),
    ]
    if state.epochs:
        last = state.epochs[max(state.epochs)]
        parts.append(Span(f"   {symbols.valid} valid {units.short_perplexity(last.valid_perplexity)}", Role.VALID))
    if best := state.best:
        text = f"   {symbols.best} best {units.short_perplexity(best.valid_perplexity)}, epoch {best.epoch}"
        parts.append(Span(text, Role.VALID))
    if look.guides and _guides(view) and cells >= 76:
        parts.append(muted(f"   {symbols.guide} guide"))
    return justify(line(*parts), line(muted("log axis" if look.log else "linear axis")), cells)


def _inspected(view: RunView, place: float, cells: int) -> Line:
    point = nearest_point(view, place)
    left = line(
        strong(f" epoch {point.epochs:.2f}"),
        Span(f"  train {short(point.perplexity, point.estimate, view.symbols.about)}", Role.TRAIN),
        f"  {units.count(point.words_per_second)} words/s  rate {units.learning_rate(point.learning_rate)}",
    )
    hint = line(muted("left, right move  Esc leaves "))
    return justify(left, hint if width(left) + width(hint) < cells else [], cells)


def short(perplexity: float, estimate: bool, about: str) -> str:  # noqa: FBT001
    """Return a train perplexity, with the sign of an estimate before it if it is one."""
    return f"{about}{units.short_perplexity(perplexity)}" if estimate else units.short_perplexity(perplexity)
