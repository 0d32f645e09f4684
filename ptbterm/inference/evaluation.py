"""Perplexity = exp(sum of nats / words), by protocol: what `eval` prints and what the trainer reports.

`stream` scores every word but the first, once, as one stream of batch 1: the protocol of published numbers.
`notebook` scores 30 x 20 windows as the notebook does, and drops the tail that fills no window.
"""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from ptbterm.corpus import demo
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.corpus.windows import count_windows, cut_rows, window
from ptbterm.errors import PtbtermError
from ptbterm.inference.dynamic_evaluation import DynamicEvaluation
from ptbterm.inference.neural_cache import CacheState, NeuralCache
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import Evaluated
from ptbterm.settings.schema import Protocol

NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS = 30, 20
_STREAM_STEPS = 256
_DYNAMIC_STEPS = 20
_NO_IDS: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)

Adapt = Literal["none", "cache", "dynamic", "both"]

_Piece = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""Inputs and targets, each of shape (batch, steps)."""


@dataclass(frozen=True)
class Score:
    """Sums over the words scored; `nats` is the sum of -log p."""

    words: int
    unknown_words: int
    nats: float
    seconds: float

    @property
    def perplexity(self) -> float:
        """exp(nats / words); infinity where that is beyond a float."""
        return perplexity(self.nats, self.words)

    @property
    def bits_per_word(self) -> float:
        """log2 of the perplexity."""
        return self.nats / self.words / math.log(2)


def perplexity(nats: float, words: int) -> float:
    """Return exp(nats / words); infinity where that is beyond a float."""
    try:
        return math.exp(nats / words)
    except OverflowError:
        return math.inf


def evaluate(
    model: LanguageModel,
    chunks: Iterable[npt.NDArray[np.int32]],
    protocol: Protocol,
    unknown_id: int,
    adapt: Adapt = "none",
) -> Score:
    """Score a text whose ids come in `chunks`; by `stream`, in memory that does not grow with the text.

    `adapt` says what the model takes from the words it has scored: by a cache, by learning from them, or both;
    only a stream has words before all others. Raises `PtbtermError` if there are too few words for the protocol.
    """
    if protocol == "stream":
        steps = _STREAM_STEPS if adapt in {"none", "cache"} else _DYNAMIC_STEPS
        return _score(model, _stream_pieces(chunks, steps), unknown_id, adapt)
    return _score(model, _notebook_windows(np.concatenate([_NO_IDS, *chunks])), unknown_id)


def evaluate_split(
    model: LanguageModel,
    vocabulary: Vocabulary,
    chunks: Iterable[npt.NDArray[np.int32]],
    *,
    text: CorpusText,
    split: str,
    protocol: Protocol,
    run: str,
    preset: str,
    epoch: int,
    adapt: Adapt = "none",
) -> Evaluated:
    """Score a split whose ids come in `chunks` and say how it was done; on the demo corpus with its floor.

    A vocabulary that lacks words of the text makes it easier than the grammar knows: then there is no floor.
    """
    score = evaluate(model, chunks, protocol, vocabulary.unknown_id, adapt)
    floor = None
    if text.is_demo and all(word in vocabulary for words in text.splits[split].sentences() for word in words):
        floor = floor_perplexity(demo.word_nats(text.splits[split].path), protocol)
    return Evaluated(
        run=run,
        preset=preset,
        corpus=text.title,
        split=split,
        protocol=protocol,
        adapt=adapt,
        words=score.words,
        unknown_words=score.unknown_words,
        perplexity=score.perplexity,
        bits_per_word=score.bits_per_word,
        floor_perplexity=floor,
        seconds=score.seconds,
        epoch=epoch,
    )


def floor_perplexity(word_nats: npt.NDArray[np.float64], protocol: Protocol) -> float:
    """Return the perplexity of the truth on the words that the protocol scores, from every word's true nats."""
    if protocol == "stream":
        return perplexity(float(word_nats[1:].sum()), len(word_nats) - 1)
    scored = np.concatenate([targets.ravel() for _, targets in _notebook_windows(word_nats)])
    return perplexity(float(scored.sum()), len(scored))


@torch.inference_mode()
def _score(model: LanguageModel, pieces: Iterable[_Piece], unknown_id: int, adapt: Adapt = "none") -> Score:
    started, was_training = time.perf_counter(), model.training
    model.eval()
    memory = CacheState(NeuralCache()) if adapt in {"cache", "both"} else None
    learner = DynamicEvaluation(model) if adapt in {"dynamic", "both"} else None
    reading = learner.model if learner else model
    nats = torch.zeros((), dtype=torch.float64, device=model.device)
    words = unknown_words = 0
    state = None
    for inputs, targets in pieces:
        before = state or model.zero_state(len(inputs))
        ids, target_ids = _on_device(inputs, model), _on_device(targets, model)
        hidden, state = reading(ids, before)
        word_nats = reading.word_nats(hidden, target_ids)
        if memory:
            word_nats = memory.word_nats(word_nats, hidden[0], target_ids[0])
        if learner:
            learner.learn(ids, target_ids, before)
        nats += word_nats.sum(dtype=torch.float64)
        words += targets.size
        unknown_words += int(np.count_nonzero(targets == unknown_id))
    model.train(was_training)
    if not words:
        raise PtbtermError("There are too few words to score.", "Protocol stream needs 2, notebook 630.")
    return Score(words, unknown_words, nats.item(), time.perf_counter() - started)


def _on_device(ids: npt.NDArray[Any], model: LanguageModel) -> torch.Tensor:
    return torch.from_numpy(ids.astype(np.int64)).to(model.device)


def _stream_pieces(chunks: Iterable[npt.NDArray[np.int32]], steps: int) -> Iterator[_Piece]:
    rest = _NO_IDS
    for chunk in chunks:
        rest = np.concatenate([rest, chunk])
        while len(rest) > steps:
            yield rest[None, :steps], rest[None, 1 : steps + 1]
            rest = rest[steps:]
    if len(rest) > 1:
        yield rest[None, :-1], rest[None, 1:]


def _notebook_windows(values: npt.NDArray[Any]) -> Iterator[_Piece]:
    rows = cut_rows(values, NOTEBOOK_BATCH_SIZE)
    for index in range(count_windows(len(values), NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS)):
        yield window(rows, index, NOTEBOOK_NUM_STEPS)
