"""When progress is due, and the speed of the training."""

from typing import NamedTuple

from ptbterm.training.stopwatch import Moment, Stopwatch

UPDATES_PER_EPOCH = 200
"""Often enough for a live curve, too rarely to cost anything: each update waits for the device."""


class Speeds(NamedTuple):
    """Windows per second: the mean since the epoch or the session began, and since the previous update."""

    mean: float
    recent: float


class ProgressMeter:
    """The progress updates of an epoch of `windows` windows; `window` is the number of windows done in it."""

    def __init__(self, windows: int, stopwatch: Stopwatch) -> None:
        self.windows = windows
        self._stopwatch = stopwatch
        self.begin(0)

    def begin(self, window: int) -> None:
        """Measure the speeds from here."""
        self._start = self._previous = Moment(self._stopwatch.seconds, window)

    def is_due(self, window: int) -> bool:
        """Whether to read the losses from the device after this window."""
        return (window - 1) % max(self.windows // UPDATES_PER_EPOCH, 1) == 0 or self.is_tenth(window)

    def is_tenth(self, window: int) -> bool:
        """Whether the notebook prints here: after step i (from 0) where i % (windows // 10) == 10."""
        every = max(self.windows // 10, 1)
        return (window - 1) % every == 10 % every

    def speeds(self, window: int) -> Speeds:
        """Return the speeds at this update, from which the next is measured."""
        now = Moment(self._stopwatch.seconds, window)
        speeds = Speeds(now.windows_per_second_since(self._start), now.windows_per_second_since(self._previous))
        self._previous = now
        return speeds
