"""Dropout from a random stream of its own, so that a run can be repeated and resumed to the bit."""

import torch

from ptbterm.settings.choices import DropoutMask


def dropout(
    values: torch.Tensor,
    keep_prob: float,
    stream: torch.Generator | None,
    mask: DropoutMask = "step",
) -> torch.Tensor:
    """Keep each number of (steps, batch, hidden) with probability `keep_prob`, scaled by 1 / keep_prob, else 0.

    The mask is drawn for each step, or once for all steps of the window (Gal and Ghahramani 2016).
    """
    if keep_prob == 1:
        return values
    kept = torch.empty_like(values if mask == "step" else values[:1]).bernoulli_(keep_prob, generator=stream)
    return values * kept.div_(keep_prob)
