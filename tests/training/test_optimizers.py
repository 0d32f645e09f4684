"""Optimizers do what torch's own do after torch's clipping, also where only rows of a tensor have a gradient."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from ptbterm.training.optimizers import BETAS, SGD, AdamW

RATE, WEIGHT_DECAY = 0.1, 0.01


def loss(vectors: torch.Tensor, kernel: torch.Tensor, step: int, *, sparse: bool) -> torch.Tensor:
    """Some words occur twice; from step 3 on every vector has a gradient, as with tied weights."""
    ids = torch.tensor([1, 3, 1, step] if step % 2 else [2, 3, 5, step])
    cost = (functional.embedding(ids, vectors, sparse=sparse) @ kernel).tanh().sum()
    return cost if step < 3 else cost + (vectors @ kernel).square().sum()


@pytest.mark.parametrize("name", ["sgd", "adamw"])
@pytest.mark.parametrize("max_grad_norm", [0.5, 1e6])
def test_weights_are_those_of_torchs_optimizer(name: str, max_grad_norm: float) -> None:
    stream = torch.Generator().manual_seed(1)
    vectors, kernel = (nn.Parameter(torch.randn(shape, generator=stream)) for shape in ((8, 4), (4, 3)))
    torchs = [nn.Parameter(weights.detach().clone()) for weights in (vectors, kernel)]
    named = [("vectors", vectors), ("kernel", kernel)]
    optimizer = SGD(named) if name == "sgd" else AdamW(named, WEIGHT_DECAY)
    reference: torch.optim.Optimizer = torch.optim.SGD(torchs, lr=RATE)
    if name == "adamw":
        reference = torch.optim.AdamW(torchs, lr=RATE, betas=BETAS, weight_decay=WEIGHT_DECAY)
    for step in range(6):
        for weights in (vectors, kernel, *torchs):
            weights.grad = None
        loss(vectors, kernel, step, sparse=True).backward()  # type: ignore[no-untyped-call]
        loss(torchs[0], torchs[1], step, sparse=False).backward()  # type: ignore[no-untyped-call]
        norm = optimizer.step(RATE, max_grad_norm)
        torch.testing.assert_close(norm, nn.utils.clip_grad_norm_(torchs, max_grad_norm))
        reference.step()
        torch.testing.assert_close([vectors, kernel], torchs)


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_an_optimizer_counts_its_changes_of_the_weights(name: str) -> None:
    """What is made of the weights once, as cuDNN's layout of them, must be made again."""
    weights = nn.Parameter(torch.ones(4, 3))
    optimizer = SGD([("weights", weights)]) if name == "sgd" else AdamW([("weights", weights)], WEIGHT_DECAY)
    weights.grad = torch.ones(4, 3)
    before = weights._version
    optimizer.step(RATE, 1.0)
    assert weights._version > before
