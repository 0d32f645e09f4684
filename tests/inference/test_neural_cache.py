"""The continuous cache, against its formula computed word by word."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.neural_cache import CacheState, NeuralCache
from ptbterm.inference.predictor import Predictor
from ptbterm.inference.word_scorers import ModelScorer
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

MODEL = tiny_network()
WORDS = ["the", "<unk>", "<eos>", "N", "of", "to", "a", "in", "and", "'s", "this", "is"]
CACHE = NeuralCache(words=5, weight=0.25, sharpness=0.7)

texts = st.lists(st.integers(0, VOCABULARY_SIZE - 1), min_size=2, max_size=20)


def outputs(ids: list[int]) -> torch.Tensor:
    """The last layer's output after each word, (words, hidden)."""
    hidden, _ = MODEL.forward(torch.tensor([ids]), MODEL.zero_state(1))
    return hidden[0]


def expected_probabilities(ids: list[int]) -> torch.Tensor:
    """The probability of every word after each of `ids`, (words, vocabulary), by the formula alone."""
    hidden = outputs(ids)
    rows = read_one_by_one(MODEL, ids).exp()
    for here in range(1, len(ids)):
        places = range(max(0, here - CACHE.words), here)
        weights = [torch.exp(CACHE.sharpness * hidden[here] @ hidden[place]).item() for place in places]
        rows[here] *= 1 - CACHE.weight
        for place, weight in zip(places, weights, strict=True):
            rows[here, ids[place + 1]] += CACHE.weight * weight / sum(weights)
    return rows


@given(texts)
def test_every_word_after_a_text(ids: list[int]) -> None:
    predictor = Predictor(MODEL, Vocabulary(WORDS))
    end = predictor.vocabulary.end_of_sentence_id
    mixed = predictor.with_cache(predictor.states.read(ids), CACHE)
    torch.testing.assert_close(mixed.exp(), expected_probabilities([end, *ids])[-1])
    assert mixed.exp().sum().item() == pytest.approx(1)


@given(texts, st.integers(1, 20))
def test_the_words_of_a_stream_read_in_chunks_of_any_length(ids: list[int], steps: int) -> None:
    memory, cached = CacheState(CACHE), []
    hidden, targets = outputs(ids)[:-1], torch.tensor(ids[1:])
    nats = -read_one_by_one(MODEL, ids)[:-1].gather(1, targets[:, None])[:, 0]
    for first in range(0, len(targets), steps):
        chunk = slice(first, first + steps)
        cached.append(memory.word_nats(nats[chunk], hidden[chunk], targets[chunk]))
    expected = expected_probabilities(ids)[:-1].gather(1, targets[:, None])[:, 0]
    torch.testing.assert_close(torch.cat(cached), -expected.log())


def test_a_cache_of_weight_0_changes_nothing() -> None:
    ids = [3, 1, 4, 1, 5]
    predictor = Predictor(MODEL, Vocabulary(WORDS))
    prefix = predictor.states.read(ids)
    alone = predictor.states.log_probabilities(prefix)
    torch.testing.assert_close(predictor.with_cache(prefix, NeuralCache(weight=0.0)), alone)


def test_a_cache_lowers_the_nats_of_a_repetitive_text() -> None:
    text = [np.array([0, 4, 6, 2, 7, 4, 9, 2] * 30, dtype=np.int32)]
    scorers = ModelScorer(MODEL, "none", steps=7), ModelScorer(MODEL, "cache", steps=7)
    plain, cached = (evaluate(scorer, text, "stream", 1) for scorer in scorers)
    assert cached.nats < plain.nats
    assert cached.words == plain.words
