"""The output: from hidden vectors to the probability of every word, and the loss of the words that came.

The loss is fused with the output product. One block of scores (words, vocabulary) is all the memory it takes:
the scores become exponentials in place, and in the backward pass the gradient of the scores, in place again.
From step to step that memory is kept by the C library (`model.device.keep_freed_memory`), or by torch on CUDA.
"""

from typing import Any

import torch

from ptbterm.model import products

BLOCK_BYTES = 2**30
"""Scores that would take more are worked through in blocks of words, and computed again for the gradient."""


def log_probabilities(hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return the log-probability (nats) of every word, (words, vocabulary).

    `hidden` is (words, hidden), `weight` (hidden, vocabulary), `bias` (vocabulary).
    """
    return products.product(hidden, weight, plus=bias).log_softmax(dim=1)


def word_nats(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    targets: torch.Tensor,
    block_bytes: int = BLOCK_BYTES,
) -> torch.Tensor:
    """Return -log p(target) for each word (nats), of shape (words,); `targets` are ids, the rest as above."""
    block = max(1, block_bytes // (weight.shape[1] * hidden.element_size()))
    nats: torch.Tensor = _WordNats.apply(hidden, weight, bias, targets, block)  # type: ignore[no-untyped-call]
    return nats


class _WordNats(torch.autograd.Function):
    """Cross-entropy of softmax(hidden @ weight + bias); d nats / d scores = softmax - one_hot(target)."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        targets: torch.Tensor,
        block: int,
    ) -> torch.Tensor:
        nats = []
        for part, part_targets in zip(torch.split(hidden, block), torch.split(targets, block), strict=True):
            exponentials, totals, part_nats = _exponentials(part, weight, bias, part_targets)
            nats.append(part_nats)
            kept = (exponentials, totals) if len(part) == len(hidden) else ()
            del exponentials  # or there would be two blocks in memory
        ctx.save_for_backward(hidden, weight, bias, targets, *kept)
        ctx.block = block
        return torch.cat(nats)

    @staticmethod
    def backward(ctx: Any, grad_nats: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        hidden, weight, bias, targets, *kept = ctx.saved_tensors
        grad_hidden, grad_weight, grad_bias = [], None, torch.zeros_like(bias)
        first = 0
        while first < len(hidden):
            rows = slice(first, first + ctx.block)
            part, row_targets = hidden[rows], targets[rows, None]
            exponentials, totals = kept or _exponentials(part, weight, bias, targets[rows])[:2]
            # d nats / d scores = (exponentials - totals * one_hot) / totals; the factors of the rows go elsewhere.
            grad_scores = exponentials.scatter_add_(1, row_targets, -totals)
            factors = grad_nats[rows, None] / totals
            grad_hidden.append(products.product(grad_scores, weight.t()).mul_(factors))
            of_weight = products.product((part * factors).t(), grad_scores)
            grad_weight = of_weight if grad_weight is None else grad_weight.add_(of_weight)
            grad_bias.addmv_(grad_scores.t(), factors[:, 0])
            del exponentials, grad_scores
            first += ctx.block
        return torch.cat(grad_hidden), grad_weight, grad_bias, None, None


def _exponentials(
    hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return exp(score - the row's largest), the sum of each row, (words, 1), and each target's loss (nats)."""
    scores = products.product(hidden, weight, plus=bias)
    largest = scores.amax(1, keepdim=True)
    behind = largest - scores.gather(1, targets[:, None])
    exponentials = scores.sub_(largest).exp_()
    totals = exponentials.sum(1, keepdim=True)
    return exponentials, totals, (totals.log() + behind)[:, 0]
