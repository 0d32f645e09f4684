"""The words that a sampled softmax scores: the targets, and others drawn so that sums are unbiased.

Priority sampling (Duffield, Lund and Thorup 2007): each word has a priority, a uniform draw over its weight, and
the `size` words of least priority are taken. Given the next priority t, a word is taken with probability
min(1, weight * t), so a sum over all words is estimated without bias by the sum over those taken, each divided by
its probability. The targets are always taken. The shapes are fixed, so nothing waits for the device.
"""

from typing import NamedTuple

import torch

POWER = 0.75
"""Words are drawn by their frequency to this power, as in word2vec (Mikolov et al. 2013)."""


class Candidates(NamedTuple):
    """The words scored, (size,): their ids and log inclusion probabilities; and the targets' places among them."""

    ids: torch.Tensor
    log_inclusion: torch.Tensor
    places: torch.Tensor


class CandidateSampler:
    """Draws the candidates of each window; `word_counts` is (vocabulary,)."""

    def __init__(self, word_counts: torch.Tensor, size: int) -> None:
        self._weights = word_counts.clamp(min=1).float() ** POWER
        self._place_of = torch.zeros(len(word_counts), dtype=torch.int64, device=word_counts.device)
        self._places = torch.arange(size, device=word_counts.device)
        self.size = size

    def draw(self, targets: torch.Tensor, stream: torch.Generator | None) -> Candidates:
        """Return `size` distinct words that include all `targets`, (words,)."""
        priorities = torch.empty_like(self._weights).uniform_(generator=stream).div_(self._weights)
        priorities.index_fill_(0, targets, -1)  # indexing by a number would wait for the device
        taken = priorities.topk(self.size + 1, largest=False, sorted=True)
        ids, threshold = taken.indices[:-1], taken.values[-1]
        inclusion = (self._weights[ids] * threshold).clamp(max=1)
        is_target = taken.values[:-1] < 0
        self._place_of[ids] = self._places
        return Candidates(ids, inclusion.log().masked_fill(is_target, 0), self._place_of[targets])
