"""Surprisal against the slow, obvious way: one word at a time in double precision."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ptbterm.corpus.text_files import find_splits
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.minimal_pairs import compare
from ptbterm.inference.sentence import Sentence
from ptbterm.inference.surprisal import ScoredSentence, WordSurprisal, score
from ptbterm.inference.totals import Totals
from ptbterm.inference.typed_words import words_as_typed
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.choices import Context
from ptbterm.settings.schema import ModelSettings
from tests.inference.tiny_network import read_one_by_one, tiny_network

WORDS = ["the", "<unk>", "<eos>", "N", "of", "to", "a", "in", "company", "'s", "this", "is"]
VOCABULARY = Vocabulary(WORDS)
MODEL = tiny_network()
SINGLE = LanguageModel(ModelSettings(hidden_size=64, init_scale=0.3), len(WORDS))
"""In single precision, and large enough for the rows of a product to depend on how many they are."""
SINGLE.reset_parameters(1)
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
        assert numbers(results[place].words) == numbers(other.words)
    assert numbers(results[0].words) == numbers(results[-1].words)


@pytest.mark.process  # takes seconds
@given(st.lists(sentences | sentences.map(lambda line: f"{line} " * 30), min_size=1, max_size=40))
def test_no_digit_depends_on_the_lines_beside_it(lines: list[str]) -> None:
    together = score(SINGLE, VOCABULARY, map(Sentence, lines))
    for line, result in zip(lines, together, strict=True):
        [alone] = score(SINGLE, VOCABULARY, [Sentence(line)])
        assert numbers(alone.words) == numbers(result.words)


@given(texts, st.integers(1, 200))
def test_a_stream_sums_up_to_the_evaluation_of_the_same_words(lines: list[str], buffer: int) -> None:
    totals = Totals()
    for result in scored(lines, "stream", buffer_characters=buffer):
        totals.add(result, in_stream=True)
    ids = [number for line in lines for number in [*map(VOCABULARY.id_of, line.split()), END]]
    expected = evaluate(ModelScorer(MODEL), [np.array(ids, dtype=np.int32)], "stream", VOCABULARY.unknown_id)
    assert totals.words == expected.words
    assert totals.unknown_words == expected.unknown_words
    assert totals.nats / totals.words == pytest.approx(expected.nats / expected.words, abs=1e-6)
    assert totals.known_perplexity == pytest.approx(expected.known_perplexity, rel=1e-5)


@pytest.mark.parametrize("rows", [1, 7, 20, 64])
def test_batches_of_any_size_give_one_perplexity(rows: int) -> None:
    def perplexity(batch_rows: int) -> float:
        totals = Totals()
        for result in score(SINGLE, VOCABULARY, map(Sentence, lines), batch_rows=batch_rows):
            totals.add(result, with_end=True)
        return totals.perplexity

    words = [word for word in WORDS if word != "<eos>"]
    lines = [" ".join(words[place % 11] for place in range(length, 3 * length)) for length in range(1, 50)]
    assert perplexity(rows) == pytest.approx(perplexity(32), rel=1e-6)


def test_a_long_line_does_not_widen_the_batch_of_the_others() -> None:
    model, words_read = tiny_network(), 0

    def count(_: nn.Module, inputs: tuple[torch.Tensor, ...], __: object) -> None:
        nonlocal words_read
        words_read += inputs[0].numel()

    model.register_forward_hook(count)
    lines = ["the", "of the", "of " * 5_000]
    assert [len(result.words) for result in score(model, VOCABULARY, map(Sentence, lines))] == [1, 2, 5_000]
    assert words_read < 5_001 + 32 * 20


def test_words_of_the_penn_treebanks_test_split(ptb: Path) -> None:
    text = find_splits(ptb)["test"]
    words = sorted({word for sentence in text.sentences() for word in sentence})
    model = LanguageModel(ModelSettings(hidden_size=2), len(words))
    model.reset_parameters(1)
    totals = Totals()
    with text.path.open(encoding="utf-8") as file:
        for result in score(model, Vocabulary(words), (Sentence(line) for line in file), "stream"):
            totals.add(result, in_stream=True)
    assert (totals.words, totals.ends) == (82_429, 3_761)


def test_only_unknown_words_give_finite_numbers() -> None:
    totals = Totals()
    [result] = scored(["zebra yak"])
    totals.add(result)
    assert [word.is_unknown for word in result.words] == [True, True]
    assert math.isfinite(totals.perplexity)
    assert totals.known_perplexity is None


def test_unknown_words_may_share_their_probability() -> None:
    [one], [shared] = scored(["the zebra"]), scored(["the zebra"], unseen_types=100)
    assert shared.words[0].log_probability == pytest.approx(one.words[0].log_probability)
    unknown = one.words[1].log_probability
    assert unknown is not None
    assert shared.words[1].log_probability == pytest.approx(unknown - math.log(100))


@given(sentences, st.integers(1, 12))
def test_guesses_are_the_most_probable_words(line: str, guesses: int) -> None:
    [result] = scored([line], guesses=guesses)
    rows = read_one_by_one(MODEL, [END, *map(VOCABULARY.id_of, line.split())])
    for word, row in zip(result.words, rows, strict=False):
        best = row.exp().topk(guesses)
        assert [guess.word for guess in word.guesses] == [VOCABULARY[number] for number in best.indices.tolist()]
        assert [guess.probability for guess in word.guesses] == pytest.approx(best.values.tolist())


def test_a_guess_of_unk_has_the_probability_of_one_unseen_word() -> None:
    [result] = scored(["zebra"], guesses=12, unseen_types=100)
    [word] = result.words
    assert word.log_probability is not None
    [guess] = (guess for guess in word.guesses if guess.word == "<unk>")
    assert guess.probability == pytest.approx(math.exp(word.log_probability))


def test_words_as_typed_are_the_sums_of_their_parts() -> None:
    [result] = scored(["the company's 12"])
    assert [part.modelled_as for part in result.words] == ["the", "company", "'s", "N"]
    typed = words_as_typed(result)
    assert [(word.word, word.modelled_as) for word in typed] == [
        ("the", "the"),
        ("company's", "company 's"),
        ("12", "N"),
    ]
    parts = result.words[1:3]
    assert typed[1].log_probability == pytest.approx(sum(part.log_probability or 0.0 for part in parts))
    assert (typed[1].rank, typed[1].entropy_bits) == (parts[0].rank, parts[0].entropy_bits)


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


def test_there_is_no_dropout_even_between_steps_of_training() -> None:
    model = tiny_network(keep_prob=0.5).train()
    (result,) = score(model, VOCABULARY, [Sentence("the company is in")])
    assert numbers(result.words) == numbers(scored(["the company is in"])[0].words)
    assert model.training
