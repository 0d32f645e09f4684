"""Signals as a request to stop, which the trainer checks between two windows."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_on_signals() -> Iterator[Event]:
    """Yield an event that the first Ctrl-C, SIGTERM or SIGHUP sets; one that is ignored (`nohup`) stays ignored.

    A second signal acts as by default, except SIGHUP: a closing terminal may send several.
    """
    stop, handlers = Event(), {int(number): signal.getsignal(number) for number in _SIGNALS}
    before = {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            if number != signal.SIGHUP:
                signal.signal(number, before[number])
                signal.raise_signal(number)
            return
        stop.set()
        with suppress(OSError):  # os.write, because the signal may have interrupted a print
            os.write(sys.stderr.fileno(), b"Stopping after this window...\n")

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
