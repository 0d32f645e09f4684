"""Draws text from a model, one word at a time for several samples at once."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional

from ptbterm.corpus.text_files import END_OF_SENTENCE
from ptbterm.errors import PtbtermError
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream

_ROWS = 8
"""Samples that are read together, so many always: a row of a product may depend on how many rows there are."""


@dataclass(frozen=True)
class Sampling:
    """How words are drawn: temperature 0 takes the likeliest; `top_k` 0 and `top_p` 1 leave no word out.

    Words whose ids are in `without` are never drawn; the others share their probability out. Raises `PtbtermError`
    for numbers that mean nothing.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1
    without: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise PtbtermError(f"A temperature is a number from 0 on, not {self.temperature}.")
        if self.top_k < 0:
            raise PtbtermError(f"The likeliest words to draw from are 0 (all) or more, not {self.top_k}.")
        if not 0 <= self.top_p <= 1:
            raise PtbtermError(f"The probability of the words to draw from is 0 to 1, not {self.top_p}.")


@dataclass(frozen=True)
class DrawnWord:
    """A word's id, and its log-probability (nats) under the model itself, whatever the sampling."""

    id: int
    log_probability: float


@torch.inference_mode()
def generate(
    model: LanguageModel, context: list[int], words: int, samples: int, sampling: Sampling
) -> Iterator[list[DrawnWord]]:
    """Yield, `words` times, the next word of each sample, all of which go on from `context` (ids).

    Sample number s draws from a stream of its own, and its numbers are computed in products of the same shape, so
    it is the same however many others there are. Raises `PtbtermError` where the weights are so large that nothing
    can be predicted.
    """
    model.eval()
    streams = [random_stream(sampling.seed, f"generation {number}") for number in range(samples)]
    without = torch.tensor(sampling.without, dtype=torch.long, device=model.device)
    ids = torch.tensor([context], device=model.device)
    hidden, state = model(ids, model.zero_state(1))
    hidden = hidden[:, -1].expand(_ROWS, -1)
    state = tuple(part.expand(-1, _ROWS, -1).contiguous() for part in state)
    groups = [(hidden, state)] * math.ceil(samples / _ROWS)
    for _ in range(words):
        log_probabilities = torch.cat([model.log_probabilities(hidden) for hidden, _ in groups])[:samples]
        chosen = _choose(log_probabilities.index_fill(1, without, -torch.inf), sampling, streams)
        values = log_probabilities.gather(1, chosen[:, None])[:, 0]
        yield [DrawnWord(*drawn) for drawn in zip(chosen.tolist(), values.tolist(), strict=True)]
        read = functional.pad(chosen, (0, -samples % _ROWS)).view(-1, _ROWS, 1)
        groups = [model(ids, state) for ids, (_, state) in zip(read, groups, strict=True)]


def spaced(words: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of a text: words, a space between them, and a line end for each `<eos>`."""
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
        raise PtbtermError("The model's probabilities are no numbers.", "Its training diverged: train it anew.")
    before = probabilities.cumsum(dim=1) - probabilities
    before[:, 0] = -1  # the likeliest word stays, even where top_p is 0
    probabilities = probabilities.where(before < sampling.top_p, 0)
    if sampling.top_k:
        probabilities[:, sampling.top_k :] = 0
    cumulative = probabilities.cumsum(dim=1)
    draws = torch.stack([torch.rand((), generator=stream, dtype=torch.float64) for stream in streams])
    places = torch.searchsorted(cumulative, draws.to(cumulative)[:, None] * cumulative[:, -1:], right=True)
    last = (probabilities > 0).sum(dim=1, keepdim=True) - 1
    return ids.gather(1, places.minimum(last))[:, 0]


def apply_temperature(log_probabilities: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return probabilities (..., vocabulary), sharpened by a temperature below 1, flattened by one above."""
    log_probabilities = log_probabilities.double()
    behind = log_probabilities - log_probabilities.amax(-1, keepdim=True)  # or a tiny temperature makes all -inf
    return (behind / temperature).softmax(-1)
