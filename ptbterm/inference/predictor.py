"""From a context to what may come next: ranked words, completions of a word half typed, a greedy continuation."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import torch

from ptbterm.corpus.tokenizer import read_words
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.prefixes import Prefix, Prefixes
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
        self.prefixes = Prefixes(model, vocabulary.end_of_sentence_id)

    @cached_property
    def _sorted(self) -> list[tuple[str, int]]:
        return sorted((word, number) for number, word in enumerate(self.vocabulary))

    def predict(self, context: str, k: int) -> Prediction:
        """Return the `k` most probable next words after `context`, the likeliest first."""
        words = read_words(context, self.vocabulary)
        prefix = self.prefixes.read([self.vocabulary.id_of(word) for word in words])
        log_probabilities = self.prefixes.log_probabilities(prefix)
        probabilities = log_probabilities.exp()
        return Prediction(
            modelled_as=tuple(words),
            next_words=self.rank(probabilities, k),
            entropy_bits=-(probabilities * log_probabilities).sum().item() / math.log(2),
        )

    def probabilities(
        self, prefix: Prefix, temperature: float = 1.0, *, hide_unknown: bool = False
    ) -> torch.Tensor:
        """Return every word's probability, (vocabulary,), sharpened or flattened; without `<unk>` if it is hidden.

        What `<unk>` had is then shared out among the others. Temperature 0 gives all to the likeliest.
        """
        log_probabilities = self.prefixes.log_probabilities(prefix).double()
        if hide_unknown:
            log_probabilities = log_probabilities.clone()
            log_probabilities[self.vocabulary.unknown_id] = -math.inf
        if temperature == 0:
            return torch.zeros_like(log_probabilities).index_fill_(0, log_probabilities.argmax(), 1.0)
        return (log_probabilities / temperature).softmax(0)

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

    def continue_greedily(self, prefix: Prefix, words: int) -> list[str]:
        """Return the likeliest words, one after the other, up to the end of the sentence; never `<unk>`."""
        text: list[str] = []
        path = [step.id for step in prefix.path()]
        while len(text) < words:
            probabilities = self.probabilities(self.prefixes.read(path), hide_unknown=True)
            best = int(probabilities.argmax())
            if best == self.vocabulary.end_of_sentence_id:
                break
            text.append(self.vocabulary[best])
            path.append(best)
        return text
