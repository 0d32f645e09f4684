"""The losses of an epoch, summed on the device, and where they left all bounds."""

import math

import torch

from ptbterm.errors import PtbtermError

MAX_NATS = math.log(1e300)
"""A mean loss a word that is larger is no number any more: its perplexity has left all bounds."""


class Losses:
    """The sum of the costs of an epoch's windows; nothing is read from the device until it is asked for."""

    def __init__(self, device: torch.device) -> None:
        self.sum = torch.zeros((), dtype=torch.float64, device=device)
        self._windows_since_no_number = torch.zeros((), dtype=torch.int64, device=device)

    def add(self, cost: torch.Tensor) -> None:
        """Add the cost of one window: nats, summed over its steps."""
        self.sum += cost
        self._windows_since_no_number += ~torch.isfinite(self.sum)

    def begin(self) -> None:
        """Start an epoch."""
        self.sum.zero_()

    def mean_nats(self, epoch: int, window: int, num_steps: int) -> float:
        """Return the mean loss a word after so many windows; raises `PtbtermError` if it is no number."""
        mean = self.sum.item() / (window * num_steps)
        if not mean < MAX_NATS:
            first = window - max(int(self._windows_since_no_number.item()) - 1, 0)
            raise diverged(epoch, first, f"the loss is {mean:.4g}")
        return mean


def diverged(epoch: int, window: int, sign: str) -> PtbtermError:
    """Return the error that ends a training whose numbers have left all bounds."""
    return PtbtermError(
        f"Training diverged: after window {window} of epoch {epoch} {sign}.",
        "Lower training.learning_rate or training.max_grad_norm; the last checkpoint is untouched.",
    )
