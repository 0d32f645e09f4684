"""Perplexity by protocol, against a loop over single words."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.text_files import find_splits
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.evaluation import Score, evaluate, perplexity
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.choices import Protocol
from ptbterm.settings.schema import ModelSettings
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

Ids = npt.NDArray[np.int32]

MODEL = tiny_network()
UNKNOWN_ID = 5
LONGEST = 1100
TEXT: Ids = np.random.default_rng(1).integers(VOCABULARY_SIZE, size=LONGEST, dtype=np.int32)

each_protocol = pytest.mark.parametrize("protocol", get_args(Protocol))


def nats_one_by_one(ids: Ids) -> npt.NDArray[np.float64]:
    """-log p (nats) of every word but the first."""
    log_probabilities = read_one_by_one(MODEL, ids[:-1].tolist())
    return -np.asarray(log_probabilities[range(len(ids) - 1), ids[1:]])


NATS_OF_TEXT = nats_one_by_one(TEXT)


@given(words=st.integers(2, LONGEST), cuts=st.lists(st.integers(0, LONGEST), max_size=6))
@example(words=257, cuts=[])
@example(words=258, cuts=[257])
@example(words=513, cuts=[1, 256, 256, 512])
def test_a_stream_scores_every_word_but_the_first_once_however_it_is_chunked(words: int, cuts: list[int]) -> None:
    text = TEXT[:words]
    score = evaluate(ModelScorer(MODEL), np.split(text, sorted(cuts)), "stream", UNKNOWN_ID)
    assert score.words == words - 1
    assert score.unknown_words == text[1:].tolist().count(UNKNOWN_ID)
    assert score.perplexity == pytest.approx(math.exp(NATS_OF_TEXT[: words - 1].mean()), rel=1e-9)


@pytest.mark.parametrize("model", [MODEL, tiny_network().float()], ids=["double", "single"])
@pytest.mark.parametrize("steps", [1, 20, 35])
def test_windows_of_any_length_give_one_perplexity(model: LanguageModel, steps: int) -> None:
    score = evaluate(ModelScorer(model, steps=steps), [TEXT], "stream", UNKNOWN_ID)
    assert score.perplexity == pytest.approx(math.exp(NATS_OF_TEXT.mean()), rel=1e-6)


def test_the_notebook_scores_its_windows_and_drops_the_tail() -> None:
    text = np.resize(TEXT, 30 * 45 + 7)
    read = [text[row * 45 : row * 45 + 41] for row in range(30)]
    for chunks in ([text], np.split(text, [1, 400])):
        score = evaluate(ModelScorer(MODEL), chunks, "notebook", UNKNOWN_ID)
        assert score.words == 30 * 40
        assert score.unknown_words == sum(row[1:].tolist().count(UNKNOWN_ID) for row in read)
        assert score.nats == pytest.approx(sum(nats_one_by_one(row).sum() for row in read), rel=1e-9)


@pytest.mark.parametrize(("protocol", "words"), [("stream", 82_429), ("notebook", 82_200)])
def test_words_scored_in_the_penn_treebanks_test_split(ptb: Path, protocol: Protocol, words: int) -> None:
    vocabulary = Vocabulary([UNKNOWN, "<eos>"])
    model = LanguageModel(ModelSettings(hidden_size=2), len(vocabulary))
    model.reset_parameters(1)
    chunks = vocabulary.encode(find_splits(ptb)["test"].sentences())
    score = evaluate(ModelScorer(model), chunks, protocol, vocabulary.unknown_id)
    assert score.words == words
    assert score.perplexity == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("protocol", "enough", "scored"), [("stream", 2, 1), ("notebook", 30 * 21, 600)], ids=get_args(Protocol)
)
def test_too_few_words(protocol: Protocol, enough: int, scored: int) -> None:
    assert evaluate(ModelScorer(MODEL), [TEXT[:enough]], protocol, UNKNOWN_ID).words == scored
    for chunks in ([TEXT[: enough - 1]], [TEXT[:0]], []):
        with pytest.raises(PtbtermError) as error:
            evaluate(ModelScorer(MODEL), chunks, protocol, UNKNOWN_ID)
        assert error.value.message == "The text has too few words to score."
        assert str(enough) in error.value.hint


def test_a_stream_is_read_as_it_comes() -> None:
    model, words_read = tiny_network(), 0

    def count(_: nn.Module, inputs: tuple[npt.NDArray[np.int64], ...], __: object) -> None:
        nonlocal words_read
        words_read += inputs[0].shape[1]

    def chunks() -> Iterator[Ids]:
        for number in range(20):
            assert number * 100 - words_read <= 256
            yield TEXT[:100]

    model.register_forward_hook(count)
    assert evaluate(ModelScorer(model), chunks(), "stream", UNKNOWN_ID).words == 1999


@each_protocol
def test_a_model_in_training_is_scored_without_dropout_and_stays_in_training_mode(protocol: Protocol) -> None:
    model = tiny_network(keep_prob=0.5).train()
    expected = evaluate(ModelScorer(MODEL), [TEXT], protocol, UNKNOWN_ID)
    assert evaluate(ModelScorer(model), [TEXT], protocol, UNKNOWN_ID).nats == expected.nats
    assert model.training


def test_one_number_in_several_forms() -> None:
    score = Score(words=4, unknown_words=0, nats=4 * math.log(8), unknown_nats=0, seconds=1)
    assert score.perplexity == pytest.approx(8)
    assert score.bits_per_word == pytest.approx(3)
    assert perplexity(800, 1) == math.inf
