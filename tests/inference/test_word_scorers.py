"""Evaluation takes anything that scores words: a toy baseline and a toy mixture, written here and nowhere else."""

import math
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ptbterm.errors import PtbtermError
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.word_scorers import ModelScorer, WordScorer
from ptbterm.settings.choices import Adapt, Protocol
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

MODEL = tiny_network()
TEXT = np.random.default_rng(1).integers(VOCABULARY_SIZE, size=1000, dtype=np.int32)
COUNTS = torch.arange(1, VOCABULARY_SIZE + 1)


class Unigram:
    """A baseline: each word by its share of the counts, in any context."""

    steps = 100

    def __init__(self, counts: torch.Tensor) -> None:
        self._nats = -(counts / counts.sum()).log()

    def reset(self, rows: int) -> None:
        pass

    def nats(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        return self._nats[targets]


class Mixture:
    """p(word) = weight p_first(word) + (1 - weight) p_second(word)."""

    steps = 100

    def __init__(self, first: WordScorer, second: WordScorer, weight: float) -> None:
        self._first, self._second, self._weight = first, second, weight

    def reset(self, rows: int) -> None:
        self._first.reset(rows)
        self._second.reset(rows)

    def nats(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        first, second = (scorer.nats(inputs, targets) for scorer in (self._first, self._second))
        return -torch.logaddexp(math.log(self._weight) - first, math.log(1 - self._weight) - second)


def nats_by_hand(ids: npt.NDArray[np.int32], weight: float) -> float:
    """The nats of every word but the first, by a mixture of the model and the counts, a word at a time."""
    probabilities = weight * read_one_by_one(MODEL, ids[:-1].tolist()).exp() + (1 - weight) * COUNTS / COUNTS.sum()
    return -probabilities[range(len(ids) - 1), ids[1:]].log().sum().item()


@pytest.mark.parametrize("protocol", get_args(Protocol))
def test_a_baseline_is_evaluated_by_every_protocol(protocol: Protocol) -> None:
    score = evaluate(Unigram(torch.ones(VOCABULARY_SIZE)), [TEXT], protocol, unknown_id=5)
    assert score.words == {"stream": 999, "notebook": 600}[protocol]
    assert score.perplexity == pytest.approx(VOCABULARY_SIZE)


@pytest.mark.parametrize("weight", [0.1, 0.75])
def test_a_mixture_of_a_model_and_a_baseline(weight: float) -> None:
    score = evaluate(Mixture(ModelScorer(MODEL), Unigram(COUNTS), weight), [TEXT], "stream", unknown_id=5)
    assert score.nats == pytest.approx(nats_by_hand(TEXT, weight), rel=1e-6)


def test_a_mixture_reads_the_rows_of_the_notebook() -> None:
    score = evaluate(Mixture(ModelScorer(MODEL), Unigram(COUNTS), 0.5), [TEXT], "notebook", unknown_id=5)
    rows = TEXT[: 30 * 33].reshape(30, 33)[:, :21]
    assert score.nats == pytest.approx(sum(nats_by_hand(row, 0.5) for row in rows), rel=1e-6)


def test_a_scorer_serves_for_one_text_after_the_other() -> None:
    scorer = ModelScorer(MODEL, "cache")
    first, second = (evaluate(scorer, [TEXT], "stream", unknown_id=5) for _ in range(2))
    assert second.nats == first.nats


@pytest.mark.parametrize("adapt", [adapt for adapt in get_args(Adapt) if adapt != "none"])
def test_a_model_adapts_to_one_stream_only(adapt: Adapt) -> None:
    with pytest.raises(PtbtermError, match="one stream"):
        evaluate(ModelScorer(MODEL, adapt), [TEXT], "notebook", unknown_id=5)
