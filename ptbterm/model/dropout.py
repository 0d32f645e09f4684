"""Dropout that draws from a stream of its own, so that a run can be repeated and resumed to the bit."""

import torch


def dropout(values: torch.Tensor, keep_prob: float, stream: torch.Generator | None) -> torch.Tensor:
    """Keep each number with probability `keep_prob`, scaled by 1 / keep_prob; the others become 0."""
    if keep_prob == 1:
        return values
    mask = torch.empty_like(values).bernoulli_(keep_prob, generator=stream)
    return values * mask.div_(keep_prob)
