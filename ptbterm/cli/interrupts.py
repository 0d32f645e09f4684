"""Signals as a request to stop, which the trainer checks between two windows."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class StopFlag:
    """Whether a signal has asked to stop.

    Not a `threading.Event`, whose `set` takes a lock: a signal in the middle of it would wait forever.
    """

    is_raised: bool = False

    def is_set(self) -> bool:
        """Return whether to stop."""
        return self.is_raised


@contextmanager
def stop_on_signals() -> Iterator[StopFlag]:
    """Yield a flag that the first Ctrl-C, SIGTERM or SIGHUP sets; one that is ignored (`nohup`) stays ignored.

    A second signal acts as by default, except SIGHUP: a closing terminal may send several.
    """
    stop, handlers = StopFlag(), {int(number): signal.getsignal(number) for number in _SIGNALS}
    before = {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_raised:
            if number != signal.SIGHUP:
                signal.signal(number, before[number])
                signal.raise_signal(number)
            return
        stop.is_raised = True
        with suppress(OSError):  # os.write, because the signal may have interrupted a print
            os.write(sys.stderr.fileno(), b"Stopping after the current window...\n")

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
