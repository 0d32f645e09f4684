"""Measures training time alone, without evaluation and checkpoints."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Moment(NamedTuple):
    """Seconds of training so far, and windows of the epoch."""

    seconds: float
    windows: int

    def windows_per_second_since(self, earlier: "Moment") -> float:
        """Return the speed between two moments."""
        return (self.windows - earlier.windows) / (self.seconds - earlier.seconds)


class Stopwatch:
    """Sums the time spent inside `running`, except that inside `paused`."""

    def __init__(self, clock: Callable[[], float], seconds: float = 0.0) -> None:
        self._clock = clock
        self._seconds = seconds
        self._started: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds measured so far."""
        return self._seconds + (0.0 if self._started is None else self._clock() - self._started)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of this block."""
        self._started = self._clock()
        try:
            yield
        finally:
            self._seconds, self._started = self.seconds, None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Exclude the time of this block."""
        self._seconds, self._started = self.seconds, None
        try:
            yield
        finally:
            self._started = self._clock()
