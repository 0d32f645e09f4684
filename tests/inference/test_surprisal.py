"""Surprisal against the slow, obvious way: one word at a time in double precision."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_network import read_one_by_one, tiny_network

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.minimal_pairs import compare
from ptbterm.inference.surprisal import Context, ScoredSentence, Totals, WordSurprisal, score, words_as_typed
from ptbterm.inference.texts import Sentence

WORDS = ["the", "<unk>", "<eos>", "N", "of", "to", "a", "in", "company", "'s", "this", "is"]
VOCABULARY = Vocabulary(WORDS)
MODEL = tiny_network()
END = VOCABULARY.end_of_sentence_id

sentences = st.lists(st.sampled_from([word for word in WORDS if word != "<eos>"]), min_size=1, max_size=12).map(
    " ".join
)
texts = st.lists(sentences, min_size=1, max_size=40)


def scored(lines: list[str], context: Context = "sentence", **options: Any) -> list[ScoredSentence]:
    return list(score(MODEL, VOCABULARY, map(Sentence, lines), context, **options))


def numbers(words: list[WordSurprisal]) -> list[tuple[float | None, int | None, float | None]]:
    return [(word.log_probability, word.rank, word.entropy_bits) for word in words]


@given(texts)
def test_each_sentence_by_itself(lines: list[str]) -> None:
    for line, result in zip(lines, scored(lines), strict=True):
        ids = [VOCABULARY.id_of(word) for word in line.split()]
        rows = read_one_by_one(MODEL, [END, *ids])
        assert result.end is not None
        for word, number, row in zip([*result.words, result.end], [*ids, END], rows, strict=True):
            assert word.log_probability == pytest.approx(row[number].item(), abs=1e-9)
            assert word.rank == 1 + int((row > row[number]).sum())
            assert word.entropy_bits == pytest.approx(-(row.exp() * row).sum().item() / math.log(2), abs=1e-9)
            assert word.surprisal_bits is not None
            assert word.surprisal_bits * math.log(2) == pytest.approx(-(word.log_probability or 0.0))


@given(texts, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_equal_sentences_are_equal(lines: list[str], random: "st.Random") -> None:  # type: ignore[name-defined]
    lines = [*lines, lines[0]]
    shuffled = random.sample(range(len(lines)), len(lines))
    results = scored(lines)
    again = scored([lines[place] for place in shuffled])
    for place, other in zip(shuffled, again, strict=True):
        for one, two in zip(numbers(results[place].words), numbers(other.words), strict=True):
            assert one == pytest.approx(two, rel=1e-5)
    assert numbers(results[0].words) == numbers(results[-1].words)


@given(texts, st.integers(1, 200))
def test_a_stream_sums_up_to_the_evaluation_of_the_same_words(lines: list[str], buffer: int) -> None:
    totals = Totals()
    for result in scored(lines, "stream", buffer_characters=buffer):
        totals.add(result.words, result.end)
    ids = [END, *(number for line in lines for number in [*map(VOCABULARY.id_of, line.split()), END])]
    expected = evaluate(MODEL, [np.array(ids, dtype=np.int32)], "stream", VOCABULARY.unknown_id)
    assert totals.words == expected.words
    assert totals.unknown_words == expected.unknown_words
    assert totals.nats / totals.words == pytest.approx(expected.nats / expected.words, abs=1e-5)
    assert totals.perplexity == pytest.approx(expected.perplexity, rel=1e-5)


def test_only_unknown_words_give_finite_numbers() -> None:
    totals = Totals()
    [result] = scored(["zebra yak"])
    totals.add(result.words)
    assert [word.is_unknown for word in result.words] == [True, True]
    assert math.isfinite(totals.perplexity)
    assert totals.known_perplexity is None


def test_unknown_words_may_share_their_probability() -> None:
    [one], [shared] = scored(["the zebra"]), scored(["the zebra"], unseen_types=100)
    assert shared.words[0].log_probability == pytest.approx(one.words[0].log_probability)
    unknown = one.words[1].log_probability
    assert unknown is not None
    assert shared.words[1].log_probability == pytest.approx(unknown - math.log(100))


def test_words_as_typed_are_the_sums_of_their_pieces() -> None:
    [result] = scored(["the company's 12"])
    assert [piece.modelled_as for piece in result.words] == ["the", "company", "'s", "N"]
    typed = words_as_typed(result)
    assert [(word.word, word.modelled_as) for word in typed] == [
        ("the", "the"),
        ("company's", "company 's"),
        ("12", "N"),
    ]
    pieces = result.words[1:3]
    assert typed[1].log_probability == pytest.approx(sum(piece.log_probability or 0.0 for piece in pieces))
    assert (typed[1].rank, typed[1].entropy_bits) == (pieces[0].rank, pieces[0].entropy_bits)


def test_a_sentence_without_words() -> None:
    [empty, full] = scored(["...", "the"])
    assert (empty.words, empty.end) == ([], None)
    assert len(full.words) == 1
    assert [(word.modelled_as, word.surprisal_bits) for word in words_as_typed(empty)] == [("", None)]


def test_two_sentences_differ_first_where_their_words_do() -> None:
    first, second = scored(["the company is", "the company to"])
    pair = compare(first.words, second.words)
    assert pair.first_difference == 3
    assert pair.first_difference_bits == pytest.approx(pair.difference_bits)
    assert pair.likelier == (1 if pair.difference_bits > 0 else 2)
    same = compare(first.words, first.words)
    assert (same.likelier, same.first_difference, same.difference_bits) == (None, None, 0.0)
