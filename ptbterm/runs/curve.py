"""The curve of a training: what was measured along it, thinned so that any length fits into memory."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

MIN_PERPLEXITY, MAX_PERPLEXITY = 1e-30, 1e30
"""A curve has no place beyond."""
MAX_POINTS = 4_000
"""A curve of more is thinned to about half."""
FIRST_WORDS = 0.02
"""The share of epoch 1 whose perplexities, near the size of the vocabulary, an axis need not show."""


class CurvePoint(NamedTuple):
    """One report of progress; `epochs` is the place, 1.46 being 46 % of the second pass over the training text."""

    epochs: float
    epoch: int
    perplexity: float
    estimate: bool
    words_per_second: float
    learning_rate: float


def can_be_drawn(perplexity: float) -> bool:
    """Return whether a plot has a place for a perplexity: a diverging or damaged one may be anything."""
    return MIN_PERPLEXITY < perplexity < MAX_PERPLEXITY


def by_epoch(points: Iterable[CurvePoint]) -> list[list[tuple[float, float]]]:
    """Return, for each epoch, its places and perplexities: the running perplexity begins anew with each."""
    epochs = groupby(points, key=lambda point: point.epoch)
    return [[(point.epochs, point.perplexity) for point in epoch] for _, epoch in epochs]


def thinned(points: list[CurvePoint]) -> list[CurvePoint]:
    """Return about half of the points: first, last, and the least and the greatest of each four between."""
    first, *middle, last = points
    kept = [first]
    for start in range(0, len(middle), 4):
        four = middle[start : start + 4]
        least = min(four, key=lambda point: point.perplexity)
        greatest = max(four, key=lambda point: point.perplexity)
        kept += sorted({least, greatest})
    return [*kept, last]
