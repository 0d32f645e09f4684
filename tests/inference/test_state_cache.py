"""States are kept, and after any sequence of edits words are ranked as if the text were new."""

import math
from unittest.mock import patch

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.inference.state_cache import CHUNK, PrefixNode, StateCache
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

END = 2
MODEL = tiny_network()

texts = st.lists(st.integers(0, VOCABULARY_SIZE - 1), max_size=3 * CHUNK)


def expected(ids: list[int]) -> torch.Tensor:
    """Return the log-probabilities after `<eos>` and after each word, (words + 1, vocabulary)."""
    return read_one_by_one(MODEL, [END, *ids])


@given(st.lists(texts, min_size=1, max_size=5))
def test_any_sequence_of_texts(sequence: list[list[int]]) -> None:
    cache = StateCache(MODEL, END)
    for ids in sequence:
        log_probabilities = cache.log_probabilities(cache.read(ids))
        torch.testing.assert_close(log_probabilities, expected(ids)[-1])


@given(texts, st.data())
def test_typing_and_deleting(ids: list[int], data: st.DataObject) -> None:
    cache = StateCache(MODEL, END)
    for _ in range(6):
        kept = data.draw(st.integers(0, len(ids)))
        ids = ids[:kept] + data.draw(st.lists(st.integers(0, VOCABULARY_SIZE - 1), max_size=3))
        torch.testing.assert_close(cache.log_probabilities(cache.read(ids)), expected(ids)[-1])


@given(texts)
def test_the_score_of_each_word(ids: list[int]) -> None:
    cache = StateCache(MODEL, END)
    scores = cache.scores(cache.read(ids))
    for number, before, score in zip(ids, expected(ids), scores, strict=False):
        assert score.log_probability == pytest.approx(before[number].item(), abs=1e-9)
        assert score.surprisal_bits == pytest.approx(-score.log_probability / math.log(2))
        assert score.rank == 1 + int((before > before[number]).sum())
        entropy_nats = -(before.exp() * before).sum().item()
        assert score.entropy_bits == pytest.approx(entropy_nats / math.log(2), abs=1e-9)
    assert len(scores) == len(ids)


@given(texts, texts)
def test_scores_are_the_same_whether_a_text_was_typed_or_pasted(beginning: list[int], end: list[int]) -> None:
    cache = StateCache(MODEL, END)
    typed = [cache.scores(cache.read(beginning[:length])) for length in range(len(beginning) + 1)]
    pasted = cache.scores(cache.read(beginning + end))
    for column in zip(
        *(torch.tensor(rows, dtype=torch.float64).unbind() for rows in (typed[-1], pasted)), strict=False
    ):
        torch.testing.assert_close(*column)


def count_steps(cache: StateCache, ids: list[int]) -> int:
    """Return how many words the network reads for this text."""
    steps = 0
    forward = MODEL.forward

    def counting(words: torch.Tensor, *arguments: object) -> object:
        nonlocal steps
        steps += words.numel()
        return forward(words, *arguments)  # type: ignore[arg-type]

    with patch.object(MODEL, "forward", counting):
        cache.log_probabilities(cache.read(ids))
        cache.scores(cache.read(ids))
    return steps


def test_one_more_word_costs_one_step_and_one_less_costs_none() -> None:
    cache, text = StateCache(MODEL, END), [1, 5, 7, 3, 9, 4] * 40
    typed: list[int] = []
    for word in text:
        typed.append(word)
        assert count_steps(cache, typed) == 1
    while typed:
        typed.pop()
        assert count_steps(cache, typed) == 0
    assert count_steps(cache, text) == 0


def test_continuing_inside_a_pasted_text_costs_at_most_a_chunk() -> None:
    cache, text = StateCache(MODEL, END), [1, 5, 7, 3, 9, 4] * 40
    assert count_steps(cache, text) == len(text)
    assert count_steps(cache, text[:100]) == 0
    assert 1 < count_steps(cache, [*text[:100], 8]) <= CHUNK
    assert count_steps(cache, [*text[:100], 8, 8]) == 1


def test_memory_is_bounded() -> None:
    cache = StateCache(MODEL, END, max_bytes=0)
    for first in range(VOCABULARY_SIZE):
        ids = [first, 1, 2, 3]
        torch.testing.assert_close(cache.log_probabilities(cache.read(ids)), expected(ids)[-1])
        assert sum(1 for _ in walk(cache._root)) <= CHUNK


def walk(node: PrefixNode) -> list[PrefixNode]:
    return [below for child in node.children.values() for below in (child, *walk(child))]
