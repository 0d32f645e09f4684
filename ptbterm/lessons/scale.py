"""The scale of a heat map."""

import torch

USUAL = 0.98
"""The quantile that a color scale spans: outliers would make all other numbers look alike."""


def usual_size(numbers: torch.Tensor) -> float:
    """Return the `USUAL` quantile of the absolute values."""
    return float(numbers.abs().flatten().quantile(USUAL))
