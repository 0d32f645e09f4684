"""Signals as a wish to stop that the trainer asks about between two windows."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
def stop_on_signals() -> Iterator[StopWish]:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a wish to stop; one that is ignored (`nohup`) stays ignored.

    A second one acts as it always does, but for SIGHUP: the end of a terminal may send several.
    """
    wish, before = StopWish(), {number: signal.getsignal(number) for number in _SIGNALS}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        restore()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        wish.make()
        with suppress(OSError):  # not by print: the signal may have come while it was at work
            os.write(sys.stderr.fileno(), b"Stopping after this window...\n")

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield wish
    finally:
        restore()
