"""Other programs that compute: processes that do nothing but spin."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# A process ends by itself if this one was killed and could not end it.
SPIN = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100_000):
        pass
"""


@contextmanager
def busy_processes(number: int) -> Iterator[None]:
    """Keep that many processes busy inside the block; they are killed however it ends."""
    with ExitStack() as stack:
        for _ in range(number):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-I", "-c", SPIN]))
            stack.callback(process.kill)
        if number:
            time.sleep(0.5)  # until they spin
        yield
