"""The continuous cache: words that followed places like this one in the last words are likelier to come again.

p(w) = (1 - weight) p_model(w) + weight p_cache(w), where p_cache(w) is the share of the places i that w followed,
each counted exp(sharpness h . h_i), h being the last layer's output (Grave, Joulin, Usunier 2017, equations 3-5).
"""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class NeuralCache:
    """How many words it remembers, how much it is believed, and how like a place must be.

    The defaults are, of those tried, the ones with the lowest perplexity of a `fast` model on the first 20,000
    words of the Penn Treebank's valid text.
    """

    words: int = 500
    weight: float = 0.15
    sharpness: float = 0.2

    def mixed(
        self, log_probabilities: torch.Tensor, hidden: torch.Tensor, places: torch.Tensor, following: torch.Tensor
    ) -> torch.Tensor:
        """Return log-probabilities (vocabulary,) with the cache's share.

        `hidden`, (1, hidden), is the output here, `places`, (n, hidden), those before, `following`, (n,), the
        words that came after them.
        """
        shares = self.shares(hidden @ places.t())[0]
        probabilities = log_probabilities.exp().mul_(1 - self.weight)
        return probabilities.index_add_(0, following, shares.to(probabilities), alpha=self.weight).log()

    def shares(self, scores: torch.Tensor) -> torch.Tensor:
        """From products h . h_i (rows, places) to how much each place counts; each row adds up to 1."""
        return (self.sharpness * scores).softmax(1)


class CacheState:
    """What a cache remembers of a running text."""

    def __init__(self, cache: NeuralCache) -> None:
        self.cache = cache
        self._places: torch.Tensor | None = None
        self._following: torch.Tensor | None = None

    def word_nats(self, nats: torch.Tensor, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """From the model's losses (nats) of the next words of the text to those with the cache's share, (steps,).

        `hidden`, (steps, hidden), are the outputs before the words `targets`, (steps,), which are then remembered.
        """
        places = hidden if self._places is None else torch.cat([self._places, hidden])
        following = targets if self._following is None else torch.cat([self._following, targets])
        here = torch.arange(len(following) - len(targets), len(following), device=targets.device)[:, None]
        ages = here - torch.arange(len(following), device=targets.device)
        forgotten = (ages <= 0) | (ages > self.cache.words)
        shares = self.cache.shares((hidden @ places.t()).masked_fill_(forgotten, -torch.inf)).nan_to_num_(0.0)
        cached = (shares * (following == targets[:, None])).sum(1)
        weight = self.cache.weight * (here[:, 0] > 0)
        self._places, self._following = places[-self.cache.words :], following[-self.cache.words :]
        return -((1 - weight) * (-nats).exp() + weight * cached).log()
