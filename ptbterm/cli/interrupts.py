"""Signals as a wish to stop that the trainer asks about between two windows."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopWish:
    """Whether someone wants the training to stop."""

    def __init__(self) -> None:
        self.made = False

    def make(self) -> None:
        """Ask to stop after the current window."""
        self.made = True

    def __call__(self) -> bool:
        """Say whether anyone has asked."""
        return self.made


@contextmanager
def stop_on_signals(notify: Callable[[str], None]) -> Iterator[StopWish]:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a wish to stop; a second one acts as it always does."""
    wish, before = StopWish(), {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        restore()
        wish.make()
        notify("Stopping after this window...")

    for number in _SIGNALS:
        signal.signal(number, on_signal)
    try:
        yield wish
    finally:
        restore()
