"""When progress is told, and how fast the training is by then."""

from typing import NamedTuple

from ptbterm.training.stopwatch import Moment, Stopwatch

REPORTS = 200
"""How often in an epoch progress is told: often enough for a live curve, too rarely to cost anything."""


class Speeds(NamedTuple):
    """Windows per second since the epoch, or the session within it, began; and since the report before."""

    mean: float
    recent: float


class Reports:
    """The reports of an epoch of so many windows; a `window` here is the number of windows done in it."""

    def __init__(self, windows: int, stopwatch: Stopwatch) -> None:
        self.windows = windows
        self._stopwatch = stopwatch
        self.begin(0)

    def begin(self, window: int) -> None:
        """Count the speeds from here."""
        self._began = self._told = Moment(self._stopwatch.seconds, window)

    def is_due(self, window: int) -> bool:
        """Whether to read the losses from the device here: `REPORTS` times in an epoch, and at its tenths."""
        return (window - 1) % max(self.windows // REPORTS, 1) == 0 or self.is_tenth(window)

    def is_tenth(self, window: int) -> bool:
        """Whether the notebook prints here: after step i (from 0) where i % (windows // 10) == 10."""
        every = max(self.windows // 10, 1)
        return (window - 1) % every == 10 % every

    def speeds(self, window: int) -> Speeds:
        """Return the speeds at this report, which the next counts from."""
        now = Moment(self._stopwatch.seconds, window)
        speeds = Speeds(now.windows_per_second_since(self._began), now.windows_per_second_since(self._told))
        self._told = now
        return speeds
