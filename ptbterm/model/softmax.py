"""The softmax layer: from hidden vectors to the log-probability of every word, and the losses of the targets."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from ptbterm.model import products
from ptbterm.model.candidates import Candidates
from ptbterm.settings.schema import ModelSettings

BLOCK_BYTES = 2**30
"""Scores that would take more are computed in blocks of words, and computed again for the gradient."""


class Softmax(nn.Module):
    """softmax(hidden @ weight + bias); tied, the weight is the embedding's, transposed (Press and Wolf 2017)."""

    def __init__(self, settings: ModelSettings, embedding: nn.Parameter) -> None:
        super().__init__()
        self.settings = settings
        self.weight = embedding if settings.tied else nn.Parameter(torch.empty(embedding.shape[::-1]))
        self.bias = nn.Parameter(torch.empty(len(embedding)))

    def reset_parameters(self, stream: torch.Generator, word_counts: torch.Tensor | None) -> None:
        """Draw the weight uniformly from -init_scale..init_scale, unless it is tied; initialize the bias.

        The setting output_bias decides: zeros; uniform, drawn like the weight, as in the notebook; or unigram, the
        logarithm of each word's share in `word_counts`, (vocabulary,), 0 if they are not given.
        """
        scale, start = self.settings.init_scale, self.settings.output_bias
        if not self.settings.tied:
            nn.init.uniform_(self.weight, -scale, scale, generator=stream)
        nn.init.zeros_(self.bias)
        if start == "uniform":  # drawn last, so that the other weights do not depend on it
            nn.init.uniform_(self.bias, -scale, scale, generator=stream)
        elif start == "unigram" and word_counts is not None:
            with torch.no_grad():
                self.bias.copy_((word_counts.clamp(min=1) / word_counts.sum()).log())

    def nats(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return -log p(target) (nats), (words,), from hidden (words, hidden) and target ids (words,)."""
        return cross_entropy(hidden, self._columns, self.bias, targets)

    def sampled_nats(self, hidden: torch.Tensor, candidates: Candidates) -> torch.Tensor:
        """Return an estimate of `nats`, (words,), from the scores of the candidates alone, the targets among them.

        Less log(inclusion), the scores of candidates that were drawn stand for those that were not.
        """
        ids, log_inclusion, places = candidates
        if self.settings.tied:
            weight = functional.embedding(ids, self.weight).t()
        else:
            weight = self.weight.index_select(1, ids)
        bias = self.bias.index_select(0, ids) - log_inclusion
        return cross_entropy(hidden, weight, bias, places)

    def log_probabilities(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the log-probability (nats) of every word, (words, vocabulary), from hidden (words, hidden)."""
        logits = products.product(hidden, self._columns, plus=self.bias)
        return logits.log_softmax(dim=1)

    def vectors(self) -> torch.Tensor:
        """Return the vector that each word is predicted with, (vocabulary, hidden); tied, the embedding itself."""
        return self._columns.t()

    @property
    def _columns(self) -> torch.Tensor:
        return self.weight.t() if self.settings.tied else self.weight


# torch's cross_entropy holds the scores, their log-softmax and its gradient, three blocks of (words, vocabulary).
# This one is fused with the product and holds one, which becomes exponentials in place and, in the backward pass,
# the gradient of the scores: 24 MB in place of 72 in a window of the notebook. So longer steps fit into memory.
def cross_entropy(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    targets: torch.Tensor,
    block_bytes: int = BLOCK_BYTES,
) -> torch.Tensor:
    """Return -log p(target) of each word (nats), (words,), by softmax(hidden @ weight + bias).

    `hidden` is (words, hidden), `weight` (hidden, vocabulary), `bias` (vocabulary), `targets` ids (words,).
    """
    block = max(1, block_bytes // (weight.shape[1] * hidden.element_size()))
    nats: torch.Tensor = _CrossEntropy.apply(hidden, weight, bias, targets, block)  # type: ignore[no-untyped-call]
    return nats


class _CrossEntropy(torch.autograd.Function):
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
            exponentials, totals, part_nats = exponentials_of(part, weight, bias, part_targets)
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
            exponentials, totals = kept or exponentials_of(part, weight, bias, targets[rows])[:2]
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


def exponentials_of(
    hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return exp(score - the row's largest), the sum of each row, (words, 1), and each target's loss (nats)."""
    scores = products.product(hidden, weight, plus=bias)
    largest = scores.amax(1, keepdim=True)
    behind = largest - scores.gather(1, targets[:, None])
    exponentials = scores.sub_(largest).exp_()
    totals = exponentials.sum(1, keepdim=True)
    return exponentials, totals, (totals.log() + behind)[:, 0]
