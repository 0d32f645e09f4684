"""Samples text from a model, a word at a time, for several texts at once."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from ptbterm.corpus.marks import END_OF_SENTENCE
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.mode import evaluating
from ptbterm.model.random_streams import random_stream
from ptbterm.model.threads import one_thread

_ROWS = 8
"""Samples that are read together, always this many: a row of a product may depend on how many rows there are."""


@dataclass(frozen=True)
class Sampling:
    """How words are drawn from the model's distribution.

    `temperature` sharpens it below 1 and flattens it above; 0 always takes the most probable word. `top_k` keeps
    the k most probable words (0: all), `top_p` the most probable words that together have that probability
    (1: all). `excluded` words are never drawn. The same `seed` draws the same text. Raises `PtbtermError` for a
    number outside its range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise PtbtermError(f"temperature must be 0 or greater and finite, not {self.temperature}.")
        if self.top_k < 0:
            raise PtbtermError(f"top_k must be 0 (all words) or greater, not {self.top_k}.")
        if not 0 <= self.top_p <= 1:
            raise PtbtermError(f"top_p must be between 0 and 1, not {self.top_p}.")


@dataclass(frozen=True)
class DrawnWord:
    """A word's id, and its log-probability (nats) under the model itself, before any sampling option."""

    id: int
    log_probability: float


@torch.inference_mode()
def generate(
    model: LanguageModel,
    vocabulary: Vocabulary,
    context: Sequence[int],
    words: int,
    samples: int = 1,
    sampling: Sampling = Sampling(),
) -> Iterator[list[DrawnWord]]:
    """Yield, `words` times, the next word of each sample; all continue from the ids in `context`.

    Each sample has a random stream of its own and is computed in products of the same shape, so it does not depend
    on the number of samples. Raises `PtbtermError` if an excluded word is not in the vocabulary, or if the weights
    are so large that the probabilities are NaN.
    """
    streams = [random_stream(sampling.seed, f"generation {number}") for number in range(samples)]
    excluded_ids = [vocabulary.known_id(word) for word in sampling.excluded]
    excluded = torch.tensor(excluded_ids, dtype=torch.long, device=model.device)
    ids = torch.tensor([list(context)], device=model.device)
    with evaluating(model):
        hidden, state = model(ids, model.zero_state(1))
    hidden = hidden[:, -1].expand(_ROWS, -1)
    state = tuple(part.expand(-1, _ROWS, -1).contiguous() for part in state)
    groups = [(hidden, state)] * math.ceil(samples / _ROWS)
    for _ in range(words):
        with one_thread:
            log_probabilities = torch.cat([model.log_probabilities(hidden) for hidden, _ in groups])[:samples]
            chosen = _choose(log_probabilities.index_fill(1, excluded, -torch.inf), sampling, streams)
            values = log_probabilities.gather(1, chosen[:, None])[:, 0]
        yield [DrawnWord(*drawn) for drawn in zip(chosen.tolist(), values.tolist(), strict=True)]
        next_ids = functional.pad(chosen, (0, -samples % _ROWS)).view(-1, _ROWS, 1)
        with one_thread, evaluating(model):
            groups = [model(ids, state) for ids, (_, state) in zip(next_ids, groups, strict=True)]


def detokenize(words: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of a text: words with a space between them, and a line end for each `<eos>`."""
    space = ""
    for word in words:
        if word == END_OF_SENTENCE:
            yield "\n"
            space = ""
        else:
            yield space + word
            space = " "


def _choose(log_probabilities: torch.Tensor, sampling: Sampling, streams: list[torch.Generator]) -> torch.Tensor:
    if sampling.temperature == 0:
        return log_probabilities.argmax(dim=1)
    ranked, ids = log_probabilities.sort(dim=1, descending=True, stable=True)
    probabilities = apply_temperature(ranked, sampling.temperature)
    if not probabilities.isfinite().all():
        raise PtbtermError(
            "The model's probabilities are NaN: its training diverged.",
            "Train a new run with a lower training.learning_rate.",
        )
    kept = torch.ones_like(probabilities[:, :1])
    if sampling.top_k:
        probabilities[:, sampling.top_k :] = 0
        kept = probabilities.sum(dim=1, keepdim=True)
    before = probabilities.cumsum(dim=1) - probabilities
    before[:, 0] = -1  # keeps the most probable word even if top_p is 0
    probabilities = probabilities.where(before < sampling.top_p * kept, 0)
    cumulative = probabilities.cumsum(dim=1)
    draws = torch.stack([torch.rand((), generator=stream, dtype=torch.float64) for stream in streams])
    places = torch.searchsorted(cumulative, draws.to(cumulative)[:, None] * cumulative[:, -1:], right=True)
    last = (probabilities > 0).sum(dim=1, keepdim=True) - 1
    return ids.gather(1, places.minimum(last))[:, 0]


def apply_temperature(log_probabilities: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return probabilities (..., vocabulary) from log-probabilities (nats) divided by a temperature above 0."""
    log_probabilities = log_probabilities.double()
    centered = log_probabilities - log_probabilities.amax(-1, keepdim=True)  # or a tiny temperature gives -inf
    return (centered / temperature).softmax(-1)
