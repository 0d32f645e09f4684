"""Draws text from a model, one word at a time for several samples at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch

from ptbterm.corpus.text_files import END_OF_SENTENCE
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.model.stacked_lstm import LSTMState


@dataclass(frozen=True)
class Sampling:
    """How words are drawn: temperature 0 takes the likeliest; `top_k` 0 and `top_p` 1 leave no word out.

    Words whose ids are in `without` are never drawn; the others share their probability out.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1
    without: tuple[int, ...] = ()


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

    Sample number s draws from a stream of its own, so it is the same however many others there are.
    """
    model.eval()
    streams = [random_stream(sampling.seed, f"generation {number}") for number in range(samples)]
    without = torch.tensor(sampling.without, dtype=torch.long, device=model.device)
    state = model.zero_state(1)
    ids = torch.tensor([context], device=model.device)
    hidden, state = model(ids, state)
    hidden = hidden[:, -1].expand(samples, -1)
    state = LSTMState(*(part.expand(-1, samples, -1).contiguous() for part in state))
    for _ in range(words):
        log_probabilities = model.log_probabilities(hidden)
        chosen = _choose(log_probabilities.index_fill(1, without, -torch.inf), sampling, streams)
        values = log_probabilities.gather(1, chosen[:, None])[:, 0]
        yield [DrawnWord(*drawn) for drawn in zip(chosen.tolist(), values.tolist(), strict=True)]
        hidden, state = model(chosen[:, None], state)
        hidden = hidden[:, -1]


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
    probabilities, ids = (
        (log_probabilities.double() / sampling.temperature)
        .softmax(dim=1)
        .sort(dim=1, descending=True, stable=True)
    )
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
