"""Numbers, times and sizes as text."""

from datetime import datetime


def perplexity(value: float) -> str:
    """Return a perplexity with the notebook's three decimals."""
    return f"{value:.3f}"


def short_perplexity(value: float) -> str:
    """Return a perplexity with at least four digits, such as 1,095 or 108.4 or 3.742."""
    if value >= 1e7:
        return f"{value:.2e}"
    decimals = next((digits for limit, digits in ((999.95, 0), (99.995, 1), (9.9995, 2)) if value >= limit), 3)
    return f"{value:,.{decimals}f}"


def learning_rate(value: float) -> str:
    """Return a learning rate with two digits, such as 1, 0.5, 0.0031."""
    return f"{value:.2g}" if value == 0 or 0.0001 <= value < 100 else f"{value:.1e}"


def count(value: float) -> str:
    """Return a whole number such as 9,512."""
    return f"{value:,.0f}"


def counted(value: int, noun: str) -> str:
    """Return a number of things: 1 thread, 2 threads."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def millions(value: int) -> str:
    """Return a number of parameters, such as 4.7 M."""
    return f"{value / 1e6:.1f} M" if value >= 100_000 else f"{value:,}"


def gigabytes(value: float) -> str:
    """Return bytes as 0.9 GB."""
    return f"{value / 1e9:.1f} GB" if value < 1e10 else f"{value / 1e9:.0f} GB"


def percent(share: float) -> str:
    """Return a share (0 to 1) as percent, such as 9.4 %; small ones as <0.1 %."""
    return "<0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """Return seconds as 9:08 (minutes) or 1:09:08 (hours)."""
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def ago(seconds: float) -> str:
    """Return a time span with its unit: 40 s, 9 min, 3 h, 2 days."""
    seconds = max(seconds, 0.0)
    for limit, divisor, unit in ((99.5, 1, "s"), (5_970, 60, "min"), (171_000, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / divisor:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


def clock(moment: datetime) -> str:
    """Return hours and minutes in the local time zone."""
    return f"{moment.astimezone():%H:%M}"
