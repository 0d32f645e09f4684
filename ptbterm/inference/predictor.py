"""From a context to the ranked next words."""

import math
from dataclasses import dataclass

import torch

from ptbterm.corpus.tokenizer import read_words
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.stacked_lstm import LSTMState
from ptbterm.runs.events import NextWord


@dataclass(frozen=True)
class Prediction:
    """What is expected after a context; `entropy_bits` is that of the whole distribution."""

    modelled_as: tuple[str, ...]
    next_words: tuple[NextWord, ...]
    entropy_bits: float


class Predictor:
    """Ranks the next words after contexts that begin a sentence: the model reads `<eos>` first."""

    def __init__(self, model: LanguageModel, vocabulary: Vocabulary) -> None:
        self.model = model
        self.vocabulary = vocabulary

    def predict(self, context: str, k: int) -> Prediction:
        """Return the `k` most probable next words after `context`, the likeliest first."""
        words = read_words(context, self.vocabulary)
        log_probabilities, _ = self.read([self.vocabulary.id_of(word) for word in words])
        probabilities = log_probabilities.exp()
        best = probabilities.topk(min(k, len(self.vocabulary)))
        ranked = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        return Prediction(
            modelled_as=tuple(words),
            next_words=tuple(NextWord(self.vocabulary[number], value) for value, number in ranked),
            entropy_bits=-(probabilities * log_probabilities).sum().item() / math.log(2),
        )

    @torch.inference_mode()
    def read(self, ids: list[int]) -> tuple[torch.Tensor, LSTMState]:
        """Return the next word's log-probabilities (nats) after `<eos>` and `ids`, and the state there."""
        context = torch.tensor([[self.vocabulary.end_of_sentence_id, *ids]], device=self.model.device)
        hidden, state = self.model(context, self.model.zero_state(1))
        return self.model.log_probabilities(hidden[:, -1])[0], state
