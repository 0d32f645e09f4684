"""The scale of a heat map."""

import torch

USUAL = 0.98
"""The share of the numbers that a scale spans: a few large ones would make all others look alike."""


def usual_size(numbers: torch.Tensor) -> float:
    """Return what most of the numbers are smaller than, whatever their sign."""
    return float(numbers.abs().flatten().quantile(USUAL))
