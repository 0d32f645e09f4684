"""From a context to what may come next: ranked words, completions of a word half typed, a greedy continuation."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import torch

from ptbterm.corpus.typed_text import TextReader
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.generation import apply_temperature
from ptbterm.inference.neural_cache import NeuralCache
from ptbterm.inference.scoring import NATS_PER_BIT
from ptbterm.inference.state_cache import PrefixNode, StateCache
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import NextWord


@dataclass(frozen=True)
class Prediction:
    """What is expected after a context; `entropy_bits` is that of the whole distribution."""

    modelled_as: tuple[str, ...]
    next_words: tuple[NextWord, ...]
    entropy_bits: float


@dataclass(frozen=True)
class Completions:
    """Words that begin alike: their share of everything, how many they are, and the likeliest of them.

    Probabilities are the model's own, of all words; divided by `share` they are those among these words.
    """

    share: float
    count: int
    words: tuple[NextWord, ...]


class Predictor:
    """Ranks the next words after contexts that begin a sentence: the model reads `<eos>` first."""

    def __init__(self, model: LanguageModel, vocabulary: Vocabulary) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.reader = TextReader(vocabulary)
        self.prefixes = StateCache(model, vocabulary.end_of_sentence_id)

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((word, number) for number, word in enumerate(self.vocabulary))

    def predict(self, context: str, k: int) -> Prediction:
        """Return the `k` most probable next words after `context`, the likeliest first."""
        words = self.reader.words(context)
        prefix = self.prefixes.read([self.vocabulary.id_of(word) for word in words])
        log_probabilities = self.prefixes.log_probabilities(prefix)
        return Prediction(tuple(words), self.rank(log_probabilities.exp(), k), entropy_bits(log_probabilities))

    def with_cache(self, prefix: PrefixNode, cache: NeuralCache) -> torch.Tensor:
        """Return the log-probability (nats) of every word after a prefix, (vocabulary,), a cache in it."""
        path = prefix.path()[-cache.words :]
        places = [one.before.hidden for one in path if one.before]
        following = torch.tensor([one.id for one in path], device=self.model.device)
        own = self.prefixes.log_probabilities(prefix)
        return cache.mixed(own, prefix.hidden, torch.cat(places), following) if places else own

    def probabilities(
        self, log_probabilities: torch.Tensor, temperature: float = 1.0, *, hide_unknown: bool = False
    ) -> torch.Tensor:
        """Return every word's probability, (vocabulary,), sharpened or flattened; without `<unk>` if it is hidden.

        What `<unk>` had is then shared out among the others. Temperature 0 gives all to the likeliest.
        """
        if hide_unknown:
            log_probabilities = log_probabilities.clone()
            log_probabilities[self.vocabulary.unknown_id] = -math.inf
        if temperature == 0:
            return torch.zeros_like(log_probabilities).index_fill_(0, log_probabilities.argmax(), 1.0)
        return apply_temperature(log_probabilities, temperature)

    def rank(self, probabilities: torch.Tensor, k: int) -> tuple[NextWord, ...]:
        """Return the `k` likeliest words, the likeliest first."""
        best = probabilities.topk(min(k, len(self.vocabulary)))
        ranked = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        return tuple(NextWord(self.vocabulary[number], value) for value, number in ranked)

    def complete(self, probabilities: torch.Tensor, beginning: str, k: int) -> Completions:
        """Return the words of the vocabulary that begin so, the `k` likeliest of them first."""
        first = bisect_left(self._sorted, (beginning, -1))
        last = bisect_left(self._sorted, (beginning + "\U0010ffff", -1))
        ids = [number for _, number in self._sorted[first:last]]
        if not ids:
            return Completions(0.0, 0, ())
        among = probabilities[torch.tensor(ids, device=probabilities.device)]
        best = among.topk(min(k, len(ids)))
        words = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return Completions(
            among.sum().item(),
            len(ids),
            tuple(NextWord(self.vocabulary[ids[place]], value) for place, value in words),
        )

    def continue_greedily(self, prefix: PrefixNode, words: int) -> list[str]:
        """Return the likeliest words, one after the other, up to the end of the sentence; never `<unk>`."""
        text: list[str] = []
        path = [step.id for step in prefix.path()]
        while len(text) < words:
            likeliest = self.prefixes.log_probabilities(self.prefixes.read(path)).topk(2).indices.tolist()
            best = next(number for number in likeliest if number != self.vocabulary.unknown_id)
            if best == self.vocabulary.end_of_sentence_id:
                break
            text.append(self.vocabulary[best])
            path.append(best)
        return text


def entropy_bits(log_probabilities: torch.Tensor) -> float:
    """Return the entropy (bits) of a distribution given as log-probabilities (nats)."""
    return -(log_probabilities.exp() * log_probabilities).nansum().item() / NATS_PER_BIT
