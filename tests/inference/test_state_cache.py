"""What was read is kept, and any sequence of edits ranks words as a fresh reading of the text does."""

import math
from unittest.mock import patch

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.inference import state_cache as prefixes_module
from ptbterm.inference.state_cache import PIECE, StateCache
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

END = 2
MODEL = tiny_network()

texts = st.lists(st.integers(0, VOCABULARY_SIZE - 1), max_size=3 * PIECE)


def expected(ids: list[int]) -> torch.Tensor:
    """Return the log-probabilities after `<eos>` and after each word, (words + 1, vocabulary)."""
    return read_one_by_one(MODEL, [END, *ids])


@given(st.lists(texts, min_size=1, max_size=5))
def test_any_sequence_of_texts(sequence: list[list[int]]) -> None:
    prefixes = StateCache(MODEL, END)
    for ids in sequence:
        log_probabilities = prefixes.log_probabilities(prefixes.read(ids))
        torch.testing.assert_close(log_probabilities, expected(ids)[-1])


@given(texts, st.data())
def test_typing_deleting_and_going_on(ids: list[int], data: st.DataObject) -> None:
    prefixes = StateCache(MODEL, END)
    for _ in range(6):
        kept = data.draw(st.integers(0, len(ids)))
        ids = ids[:kept] + data.draw(st.lists(st.integers(0, VOCABULARY_SIZE - 1), max_size=3))
        torch.testing.assert_close(prefixes.log_probabilities(prefixes.read(ids)), expected(ids)[-1])


@given(texts)
def test_what_each_word_cost(ids: list[int]) -> None:
    prefixes = StateCache(MODEL, END)
    found = prefixes.expectations(prefixes.read(ids))
    for number, before, expectation in zip(ids, expected(ids), found, strict=False):
        assert expectation.log_probability == pytest.approx(before[number].item(), abs=1e-9)
        assert expectation.surprisal_bits == pytest.approx(-expectation.log_probability / math.log(2))
        assert expectation.rank == 1 + int((before > before[number]).sum())
        entropy_nats = -(before.exp() * before).sum().item()
        assert expectation.entropy_bits == pytest.approx(entropy_nats / math.log(2), abs=1e-9)
    assert len(found) == len(ids)


@given(texts, texts)
def test_what_each_word_cost_is_the_same_however_the_text_came_to_be(beginning: list[int], end: list[int]) -> None:
    prefixes = StateCache(MODEL, END)
    typed = [prefixes.expectations(prefixes.read(beginning[:length])) for length in range(len(beginning) + 1)]
    pasted = prefixes.expectations(prefixes.read(beginning + end))
    for column in zip(
        *(torch.tensor(rows, dtype=torch.float64).unbind() for rows in (typed[-1], pasted)), strict=False
    ):
        torch.testing.assert_close(*column)


def count_steps(prefixes: StateCache, ids: list[int]) -> int:
    """Return how many words the network reads for this text."""
    steps = 0
    forward = MODEL.forward

    def counting(words: torch.Tensor, *arguments: object) -> object:
        nonlocal steps
        steps += words.numel()
        return forward(words, *arguments)  # type: ignore[arg-type]

    with patch.object(MODEL, "forward", counting):
        prefixes.log_probabilities(prefixes.read(ids))
        prefixes.expectations(prefixes.read(ids))
    return steps


def test_a_word_more_costs_a_step_and_a_word_less_costs_none() -> None:
    prefixes, text = StateCache(MODEL, END), [1, 5, 7, 3, 9, 4] * 40
    typed: list[int] = []
    for word in text:
        typed.append(word)
        assert count_steps(prefixes, typed) == 1
    while typed:
        typed.pop()
        assert count_steps(prefixes, typed) == 0
    assert count_steps(prefixes, text) == 0


def test_going_on_from_within_a_pasted_text_costs_at_most_a_piece() -> None:
    prefixes, text = StateCache(MODEL, END), [1, 5, 7, 3, 9, 4] * 40
    assert count_steps(prefixes, text) == len(text)
    assert count_steps(prefixes, text[:100]) == 0
    assert 1 < count_steps(prefixes, [*text[:100], 8]) <= PIECE
    assert count_steps(prefixes, [*text[:100], 8, 8]) == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes_module, "MAX_BYTES", 0)
    prefixes = StateCache(MODEL, END)
    for first in range(VOCABULARY_SIZE):
        ids = [first, 1, 2, 3]
        torch.testing.assert_close(prefixes.log_probabilities(prefixes.read(ids)), expected(ids)[-1])
        assert sum(1 for _ in walk(prefixes._root)) <= PIECE


def walk(prefix: prefixes_module.PrefixNode) -> "list[prefixes_module.PrefixNode]":
    return [found for after in prefix.after.values() for found in (after, *walk(after))]
