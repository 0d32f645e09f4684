"""Numbers to text, for every screen and line."""


def perplexity(value: float) -> str:
    """Return a perplexity with the notebook's three decimals."""
    return f"{value:.3f}"


def percent(share: float) -> str:
    """Return a share (0 to 1) as percent, such as 9.4 %; small ones as <0.1 %."""
    return "<0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def duration(seconds: float) -> str:
    """Return seconds as 9:08 (minutes) or 1:09:08 (hours)."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
