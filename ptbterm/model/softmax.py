"""The output: from hidden vectors to the probability of every word, and the loss of the words that came."""

import torch
from torch.nn import functional


def log_probabilities(hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return the log-probability (nats) of every word, (words, vocabulary).

    `hidden` is (words, hidden), `weight` (hidden, vocabulary), `bias` (vocabulary).
    """
    return torch.addmm(bias, hidden, weight).log_softmax(dim=1)


def word_nats(
    hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Return -log p(target) for each word (nats), of shape (words,); `targets` are ids, the rest as above."""
    return functional.cross_entropy(torch.addmm(bias, hidden, weight), targets, reduction="none")
