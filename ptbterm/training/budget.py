"""From minutes to windows: times the real step, on trainers that are discarded."""

import time
from collections.abc import Callable
from itertools import cycle, islice

import msgspec

from ptbterm.corpus.windows import window
from ptbterm.settings.schema import TrainingSettings
from ptbterm.training.trainer import Trainer

WARM_UP, TIMED = 5, 40
"""Windows trained before timing, and windows timed."""


def fit_to_minutes(
    settings: TrainingSettings,
    trainer_with: Callable[[TrainingSettings], Trainer],
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """Return how many windows fit into `settings.minutes` of training on this machine, at least 1.

    `trainer_with` builds a trainer from settings: one is timed with the sampled softmax, one with the full.
    """
    sampled, full = (
        _seconds_per_window(
            trainer_with(msgspec.structs.replace(settings, windows=10**9, full_softmax=share)), clock
        )
        for share in (0.0, 1.0)
    )
    mean = sampled * (1 - settings.full_softmax) + full * settings.full_softmax
    return max(1, int(60 * settings.minutes / mean))


def _seconds_per_window(trainer: Trainer, clock: Callable[[], float]) -> float:
    numbers = cycle(range(trainer.windows))
    windows = (window(trainer.rows, number, trainer.settings.num_steps) for number in numbers)
    for inputs, targets in islice(windows, WARM_UP):
        cost = trainer.step(inputs, targets)
    cost.item()  # waits for the device
    started = clock()
    for inputs, targets in islice(windows, TIMED):
        cost = trainer.step(inputs, targets)
    cost.item()
    return (clock() - started) / TIMED
