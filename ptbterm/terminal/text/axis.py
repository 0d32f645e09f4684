"""Ticks: the round numbers at which an axis is labeled."""

import math
from collections.abc import Iterator

LOG_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
LINEAR_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """Return 1, 1.5, 2, 3, 5, 7 x 10^n within the range, or linear ticks where it holds fewer than three."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in LOG_STEPS]
    within = [tick for tick in ticks if low <= tick <= high]
    return within if len(within) > 2 else linear_ticks(low, high, count)


def linear_ticks(low: float, high: float, count: int) -> list[float]:
    """Return round numbers within the range, at equal distances, about `count` of them."""
    rough = max(high - low, 1e-12) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in LINEAR_STEPS if step * power >= rough * 0.999) * power
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def spaced(rows: dict[int, float], apart: int) -> Iterator[tuple[int, float]]:
    """Yield the places, from the first on, that are at least `apart` from each other."""
    last = None
    for place in sorted(rows):
        if last is None or place - last >= apart:
            yield place, rows[place]
            last = place


def roundness(tick: float) -> int:
    """Return the rank of a tick among those that compete for a place, the roundest first: 100, 50, 20, 30 ..."""
    first_digits = f"{tick:.6e}".partition("e")[0].rstrip("0").rstrip(".")
    order = ("1", "5", "2", "3", "7")
    return order.index(first_digits) if first_digits in order else len(order)


def tick_label(tick: float) -> str:
    """Return a tick as text of at most six cells, such as 7, 1,500, 20k, 3M."""
    if tick >= 1e12:
        return f"{tick:.1e}".replace("e+", "e")
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if tick >= limit:
            return f"{tick / (1e3 if unit == 'k' else limit):.4g}{unit}"
    return f"{tick:,.5g}" if tick < 1_000 else f"{tick:,.0f}"
