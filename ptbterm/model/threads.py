"""One CPU thread for a block of code, where two would only wait for each other."""

import threading
from contextlib import ContextDecorator
from typing import Self

import torch


class _OneThread(ContextDecorator):
    """Gives the calling thread one of torch's CPU threads inside `with`; afterwards as many as before.

    torch keeps a number for each thread of Python, and one that new threads start with, which the same call
    changes. So what is restored is the number from before the first of the blocks that run at the same time: a
    thread that is new would otherwise take the 1 of another's block for its own number.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._threads = 1
        self._own = threading.local()

    def __enter__(self) -> Self:
        depth = getattr(self._own, "depth", 0)
        self._own.depth = depth + 1
        if not depth:
            with self._lock:
                threads = torch.get_num_threads()  # a new thread's first call would otherwise undo the 1 below
                if not self._running:
                    self._threads = threads
                self._running += 1
                torch.set_num_threads(1)
        return self

    def __exit__(self, *_: object) -> None:
        self._own.depth -= 1
        if not self._own.depth:
            with self._lock:
                self._running -= 1
                torch.set_num_threads(self._threads)


one_thread = _OneThread()
"""`with one_thread:`, or `@one_thread`: for a step of one word, whose products are small."""
