"""The words that a sampled softmax scores: those that came, and others drawn so that no sum is biased.

Priority sampling (Duffield, Lund and Thorup 2007): each word has a priority, a uniform draw over its weight; the
`size` words of least priority are taken. Given the next priority t, a word was taken with the probability
min(1, weight * t), so a sum over all words is, on average, the sum over those taken divided by that. The words
that came are always taken. The shapes are fixed, so nothing waits for the device.
"""

from typing import NamedTuple

import torch

POWER = 0.75
"""Words are drawn by their frequency to this power, as in word2vec (Mikolov et al. 2013)."""


class Candidates(NamedTuple):
    """Ids of the words scored, (size,), the log-probability of each to be there, and the places of the targets."""

    ids: torch.Tensor
    log_inclusion: torch.Tensor
    places: torch.Tensor


class CandidateSampler:
    """Draws candidates for one window after another."""

    def __init__(self, word_counts: torch.Tensor, size: int) -> None:
        self._weights = word_counts.clamp(min=1).float() ** POWER
        self._place_of = torch.zeros(len(word_counts), dtype=torch.int64, device=word_counts.device)
        self._places = torch.arange(size, device=word_counts.device)
        self.size = size

    def draw(self, targets: torch.Tensor, stream: torch.Generator | None) -> Candidates:
        """Return `size` different words, those of `targets` (words,) among them: there may be no more of these."""
        priorities = torch.empty_like(self._weights).uniform_(generator=stream).div_(self._weights)
        priorities.index_fill_(0, targets, -1)  # indexing by a number would wait for the device
        taken = priorities.topk(self.size + 1, largest=False, sorted=True)
        ids, threshold = taken.indices[:-1], taken.values[-1]
        inclusion = (self._weights[ids] * threshold).clamp(max=1)
        came = taken.values[:-1] < 0
        self._place_of[ids] = self._places
        return Candidates(ids, inclusion.log().masked_fill(came, 0), self._place_of[targets])
