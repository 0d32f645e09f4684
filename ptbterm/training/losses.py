"""The losses of an epoch, summed on the device, and the error of a training that diverged."""

import math

import torch

from ptbterm.errors import PtbtermError

MAX_NATS = math.log(1e300)
"""Largest mean loss per word: the perplexity of a larger one would overflow."""


class Losses:
    """The sum of the costs of an epoch's windows; nothing is read from the device before `mean_nats`."""

    def __init__(self, device: torch.device) -> None:
        self.sum = torch.zeros((), dtype=torch.float64, device=device)
        self._windows_not_finite = torch.zeros((), dtype=torch.int64, device=device)

    def add(self, cost: torch.Tensor) -> None:
        """Add the cost of one window: nats, summed over its steps."""
        self.sum += cost
        self._windows_not_finite += ~torch.isfinite(self.sum)

    def reset(self) -> None:
        """Set the sum to 0 at the start of an epoch."""
        self.sum.zero_()

    def mean_nats(self, epoch: int, window: int, num_steps: int) -> float:
        """Return the mean loss per word (nats) after `window` windows; raises `PtbtermError` if not finite."""
        mean = self.sum.item() / (window * num_steps)
        if not mean < MAX_NATS:
            first = window - max(int(self._windows_not_finite.item()) - 1, 0)
            raise diverged(epoch, first, f"the loss is {mean:.4g}")
        return mean


class DivergedError(PtbtermError):
    """The losses, gradients or weights of a training are not finite."""


def diverged(epoch: int, window: int, symptom: str) -> DivergedError:
    """Return the error of a training that diverged, with its place and what shows it."""
    return DivergedError(
        f"Training diverged: after window {window} of epoch {epoch} {symptom}.",
        "Lower training.learning_rate or training.max_grad_norm; nothing was saved after that window.",
    )
