"""Predicts what follows a context: ranked words, completions of a half-typed word, a greedy continuation."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import torch

from ptbterm.corpus.text_reader import TextReader
from ptbterm.corpus.typed_text import TypedTextReader
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.generation import apply_temperature
from ptbterm.inference.neural_cache import NeuralCache
from ptbterm.inference.scoring import NATS_PER_BIT
from ptbterm.inference.state_cache import PrefixNode, StateCache
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.threads import one_thread
from ptbterm.runs.events import NextWord


@dataclass(frozen=True)
class Prediction:
    """The most probable words after a context, the first one first.

    `modelled_as` are the words that the context was read as, `entropy_bits` is of the whole distribution.
    """

    modelled_as: tuple[str, ...]
    next_words: tuple[NextWord, ...]
    entropy_bits: float


@dataclass(frozen=True)
class Completions:
    """Words with the same beginning: the sum of their probabilities, their number, and the most probable ones.

    Probabilities are among all words; divided by `share` they are among these words.
    """

    share: float
    count: int
    words: tuple[NextWord, ...]


class Predictor:
    """Ranks the next words after a context, which begins a sentence: the model reads `<eos>` first."""

    def __init__(self, model: LanguageModel, vocabulary: Vocabulary, reader: TextReader | None = None) -> None:
        """Make a predictor whose contexts `reader` reads; by default as typed text."""
        self.model = model
        self.vocabulary = vocabulary
        self.reader: TextReader = reader or TypedTextReader(vocabulary)
        self.states = StateCache(model, vocabulary.end_of_sentence_id)

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((word, number) for number, word in enumerate(self.vocabulary))

    def predict(self, context: str, k: int) -> Prediction:
        """Return the `k` most probable next words after `context`, most probable first."""
        words = self.reader.words(context)
        node = self.states.read([self.vocabulary.id_of(word) for word in words])
        log_probabilities = self.states.log_probabilities(node)
        with one_thread:
            ranked, entropy = self.rank(log_probabilities.exp(), k), entropy_bits(log_probabilities)
        return Prediction(tuple(words), ranked, entropy)

    @one_thread
    def with_cache(self, node: PrefixNode, cache: NeuralCache) -> torch.Tensor:
        """Return the log-probability (nats) of every word after a prefix, (vocabulary,), mixed with a cache's."""
        path = node.path()[-cache.words :]
        outputs = [prefix.parent.hidden for prefix in path if prefix.parent]
        following = torch.tensor([prefix.id for prefix in path], device=self.model.device)
        own = self.states.log_probabilities(node)
        return cache.mix(own, node.hidden, torch.cat(outputs), following) if outputs else own

    @one_thread
    def probabilities(
        self, log_probabilities: torch.Tensor, temperature: float = 1.0, *, hide_unknown: bool = False
    ) -> torch.Tensor:
        """Return every word's probability, (vocabulary,), at a temperature; 0 leaves the most probable word only.

        With `hide_unknown`, `<unk>` has probability 0 and the others are scaled to sum to 1.
        """
        if hide_unknown:
            log_probabilities = log_probabilities.clone()
            log_probabilities[self.vocabulary.unknown_id] = -math.inf
        if temperature == 0:
            return torch.zeros_like(log_probabilities).index_fill_(0, log_probabilities.argmax(), 1.0)
        return apply_temperature(log_probabilities, temperature)

    @one_thread
    def rank(self, probabilities: torch.Tensor, k: int) -> tuple[NextWord, ...]:
        """Return the `k` most probable words, most probable first."""
        best = probabilities.topk(min(k, len(self.vocabulary)))
        ranked = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        return tuple(NextWord(self.vocabulary[number], value) for value, number in ranked)

    @one_thread
    def complete(self, probabilities: torch.Tensor, beginning: str, k: int) -> Completions:
        """Return the words of the vocabulary with this beginning, and the `k` most probable of them."""
        first = bisect_left(self._sorted, (beginning, -1))
        last = bisect_left(self._sorted, (beginning + "\U0010ffff", -1))
        ids = [number for _, number in self._sorted[first:last]]
        if not ids:
            return Completions(0.0, 0, ())
        chosen = probabilities[torch.tensor(ids, device=probabilities.device)]
        best = chosen.topk(min(k, len(ids)))
        words = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return Completions(
            chosen.sum().item(),
            len(ids),
            tuple(NextWord(self.vocabulary[ids[place]], value) for place, value in words),
        )

    def continue_greedily(self, node: PrefixNode, words: int) -> list[str]:
        """Return up to `words` words, each the most probable but `<unk>`; stop at the end of the sentence."""
        text: list[str] = []
        path = [prefix.id for prefix in node.path()]
        while len(text) < words:
            best_two = self.states.log_probabilities(self.states.read(path)).topk(2).indices.tolist()
            best = next(number for number in best_two if number != self.vocabulary.unknown_id)
            if best == self.vocabulary.end_of_sentence_id:
                break
            text.append(self.vocabulary[best])
            path.append(best)
        return text


def entropy_bits(log_probabilities: torch.Tensor) -> float:
    """Return the entropy (bits) of a distribution given as log-probabilities (nats)."""
    return -(log_probabilities.exp() * log_probabilities).nansum().item() / NATS_PER_BIT
