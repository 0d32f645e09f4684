"""Perplexity = exp(sum of nats / words), by protocol, of anything that scores words.

`stream` scores every word but the first, once, as one stream of batch 1: the protocol of published numbers.
`notebook` scores 30 x 20 windows as the notebook does, and drops the tail that fills no window.
"""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ptbterm.corpus.windows import NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS, count_windows, cut_rows, window
from ptbterm.errors import PtbtermError
from ptbterm.inference.word_scorers import WordScorer
from ptbterm.settings.choices import Protocol

_NO_IDS: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)

_Window = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""Inputs and targets, each of shape (rows, steps)."""


@dataclass(frozen=True)
class Score:
    """Sums over the words scored: `nats` of -log p, `unknown_nats` those of `<unk>`, `seconds` of the clock."""

    words: int
    unknown_words: int
    nats: float
    unknown_nats: float
    seconds: float

    @property
    def perplexity(self) -> float:
        """exp(nats / words); infinity if that overflows a float."""
        return perplexity(self.nats, self.words)

    @property
    def known_perplexity(self) -> float | None:
        """The perplexity of the words that are not `<unk>`; None if all are."""
        known_words = self.words - self.unknown_words
        return perplexity(self.nats - self.unknown_nats, known_words) if known_words else None

    @property
    def bits_per_word(self) -> float:
        """log2 of the perplexity."""
        return self.nats / self.words / math.log(2)


def perplexity(nats: float, words: int) -> float:
    """Return exp(nats / words); infinity if that overflows a float."""
    try:
        return math.exp(nats / words)
    except OverflowError:
        return math.inf


@torch.inference_mode()
def evaluate(
    scorer: WordScorer, chunks: Iterable[npt.NDArray[np.int32]], protocol: Protocol, unknown_id: int
) -> Score:
    """Score a text given as `chunks` of ids, each one-dimensional; `unknown_id` is that of `<unk>`.

    By `stream`, memory does not grow with the text. Raises `PtbtermError` if the text has too few words for the
    protocol.
    """
    started = time.perf_counter()
    if protocol == "stream":
        scorer.reset(1)
        windows = _stream_windows(chunks, scorer.steps)
    else:
        scorer.reset(NOTEBOOK_BATCH_SIZE)
        windows = _notebook_windows(np.concatenate([_NO_IDS, *chunks]))
    totals = torch.zeros(2, dtype=torch.float64)
    words = unknown_words = 0
    for inputs, targets in windows:
        is_unknown = targets == unknown_id
        nats = scorer.nats(_as_tensor(inputs), _as_tensor(targets))
        both = (nats, nats * torch.from_numpy(is_unknown).to(nats.device))
        sums = torch.stack([part.sum(dtype=torch.float64) for part in both])
        totals = totals.to(nats.device) + sums  # stays on the scorer's device, which need not be waited for
        words += targets.size
        unknown_words += int(np.count_nonzero(is_unknown))
    if not words:
        raise PtbtermError("The text has too few words to score.", "Protocol stream needs 2, notebook 630.")
    nats, unknown_nats = totals.tolist()
    return Score(words, unknown_words, nats, unknown_nats, time.perf_counter() - started)


def _as_tensor(ids: npt.NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(ids.astype(np.int64))


def _stream_windows(chunks: Iterable[npt.NDArray[np.int32]], steps: int) -> Iterator[_Window]:
    rest = _NO_IDS
    for chunk in chunks:
        rest = np.concatenate([rest, chunk])
        while len(rest) > steps:
            yield rest[None, :steps], rest[None, 1 : steps + 1]
            rest = rest[steps:]
    if len(rest) > 1:
        yield rest[None, :-1], rest[None, 1:]


def _notebook_windows(ids: npt.NDArray[Any]) -> Iterator[_Window]:
    rows = cut_rows(ids, NOTEBOOK_BATCH_SIZE)
    for index in range(count_windows(len(ids), NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS)):
        yield window(rows, index, NOTEBOOK_NUM_STEPS)
