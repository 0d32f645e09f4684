"""How long a program takes for some windows: the one loop that every table here times."""

import time
from collections.abc import Callable, Iterator
from itertools import islice

import torch

Windows = Iterator[tuple[torch.Tensor, torch.Tensor]]
Step = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def seconds_for(count: int, step: Step, windows: Windows) -> float:
    """Return the seconds that the next `count` windows take, until the device has done them all."""
    started = time.perf_counter()
    for inputs, targets in islice(windows, count):
        cost = step(inputs, targets)
    cost.item()
    return time.perf_counter() - started
