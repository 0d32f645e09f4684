"""The curve of a training, thinned so that a run of any length fits into memory."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

MIN_PERPLEXITY, MAX_PERPLEXITY = 1e-30, 1e30
"""Perplexities outside can't be drawn."""
MAX_POINTS = 4_000
"""A longer curve is thinned to about half."""
FIRST_WORDS = 0.02
"""The part of epoch 1 that axes leave out: its perplexities are near the vocabulary size."""


class CurvePoint(NamedTuple):
    """One report of progress; `epochs` is the position: 1.46 is 46 % of the second epoch."""

    epochs: float
    epoch: int
    perplexity: float
    estimate: bool
    words_per_second: float
    learning_rate: float


def can_be_drawn(perplexity: float) -> bool:
    """Return whether a perplexity can be drawn; a diverged or damaged one can have any value."""
    return MIN_PERPLEXITY < perplexity < MAX_PERPLEXITY


def by_epoch(points: Iterable[CurvePoint]) -> list[list[tuple[float, float]]]:
    """Return, for each epoch, its positions and perplexities: the running perplexity restarts with each."""
    epochs = groupby(points, key=lambda point: point.epoch)
    return [[(point.epochs, point.perplexity) for point in epoch] for _, epoch in epochs]


def thinned(points: list[CurvePoint]) -> list[CurvePoint]:
    """Return about half of the points: first, last, and the minimum and maximum of every four between."""
    first, *middle, last = points
    kept = [first]
    for start in range(0, len(middle), 4):
        four = middle[start : start + 4]
        lowest = min(four, key=lambda point: point.perplexity)
        highest = max(four, key=lambda point: point.perplexity)
        kept += sorted({lowest, highest})
    return [*kept, last]
