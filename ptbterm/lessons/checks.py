"""Checks that several lessons make."""

import torch

from ptbterm.lessons.lesson import Check, Verdict

ROUNDING = 1e-5
"""Largest difference (absolute) of float32 sums of a layer's size when computed in another order."""


def largest_difference(ours: torch.Tensor, other: torch.Tensor) -> float:
    """Return the largest difference between two tensors of one shape."""
    return float((ours - other).abs().max())


def equals(other: str, difference: float) -> Check:
    """Check that another way to compute a tensor agrees within rounding, and state the difference."""
    verdict = Verdict.HOLDS if difference < ROUNDING else Verdict.FAILS
    return Check(verdict, f"equals {other} to {difference:.0e}" if difference else f"equals {other} exactly")


def holds(claim: str, *, true: bool) -> Check:
    """Check a claim."""
    return Check(Verdict.HOLDS if true else Verdict.FAILS, claim)
