"""Ranked next words, against the distribution computed word by word."""

import math

import pytest
import torch

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.predictor import Predictor
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

WORDS = ["the", "<unk>", "<eos>", "N", "of", "to", "a", "in", "and", "'s", "this", "is"]
VOCABULARY = Vocabulary(WORDS)
MODEL = tiny_network()
PREDICTOR = Predictor(MODEL, VOCABULARY)

contexts = pytest.mark.parametrize(
    ("context", "read_as"),
    [
        ("", []),
        ("the", ["the"]),
        ("This is  a", ["this", "is", "a"]),
        ("the Quick 1,000", ["the", "<unk>", "N"]),
        ("of <eos> to", ["of", "<eos>", "to"]),
    ],
)


def expected_after(words: list[str]) -> torch.Tensor:
    return read_one_by_one(MODEL, [VOCABULARY.id_of(word) for word in ["<eos>", *words]])[-1].exp()


@contexts
def test_words_are_ranked_by_probability(context: str, read_as: list[str]) -> None:
    prediction = PREDICTOR.predict(context, VOCABULARY_SIZE)
    assert prediction.modelled_as == tuple(read_as)
    probabilities = expected_after(read_as)
    ranked = sorted(WORDS, key=lambda word: -probabilities[VOCABULARY.id_of(word)])
    assert [candidate.word for candidate in prediction.next_words] == ranked
    given = [candidate.probability for candidate in prediction.next_words]
    assert given == pytest.approx(sorted(probabilities.tolist(), reverse=True), rel=1e-9)
    assert sum(given) == pytest.approx(1)


@contexts
def test_entropy_is_that_of_the_whole_distribution(context: str, read_as: list[str]) -> None:
    probabilities = expected_after(read_as).tolist()
    expected = -sum(p * math.log2(p) for p in probabilities)
    assert PREDICTOR.predict(context, 2).entropy_bits == pytest.approx(expected, rel=1e-9)


def test_entropy_where_every_word_is_as_likely_and_where_one_is_certain() -> None:
    model = tiny_network()
    model.softmax.weight.zero_()
    assert Predictor(model, VOCABULARY).predict("a", 1).entropy_bits == pytest.approx(math.log2(VOCABULARY_SIZE))
    model.softmax.bias[3] = 5000
    assert Predictor(model, VOCABULARY).predict("a", 1).entropy_bits == pytest.approx(0)


@pytest.mark.parametrize("k", [1, 5, VOCABULARY_SIZE + 88])
def test_the_first_k_of_the_ranking_or_all_there_are(k: int) -> None:
    whole = PREDICTOR.predict("the", VOCABULARY_SIZE)
    assert PREDICTOR.predict("the", k).next_words == whole.next_words[:k]


def test_a_word_that_is_not_known_is_read_as_unk() -> None:
    assert PREDICTOR.predict("the zyzzyva", 3) == PREDICTOR.predict("the <unk>", 3)


def test_reading_gives_the_state_to_continue_from() -> None:
    state = PREDICTOR.states.read([0, 4]).state
    assert state is not None
    hidden, _ = MODEL(torch.tensor([[6]]), state)
    torch.testing.assert_close(
        MODEL.log_probabilities(hidden)[0],
        PREDICTOR.states.log_probabilities(PREDICTOR.states.read([0, 4, 6])),
    )


def most_probable_known(ids: list[int]) -> int:
    probabilities = expected_after([VOCABULARY[number] for number in ids])
    probabilities[VOCABULARY.unknown_id] = 0
    return int(probabilities.argmax())


@pytest.mark.parametrize("start", [[], [0], [4, 6], [1, 1, 1], [9, 10, 11, 3]], ids=str)
def test_a_greedy_continuation_takes_the_best_word_that_is_known_each_time(start: list[int]) -> None:
    path = list(start)
    while len(path) < len(start) + 30 and (best := most_probable_known(path)) != VOCABULARY.end_of_sentence_id:
        path.append(best)
    words = [VOCABULARY[number] for number in path[len(start) :]]
    prefix = PREDICTOR.states.read(start)
    assert PREDICTOR.continue_greedily(prefix, 30) == words
    assert PREDICTOR.continue_greedily(prefix, 2) == words[:2]
    assert PREDICTOR.continue_greedily(prefix, 0) == []


@pytest.mark.parametrize(("best", "words"), [("<eos>", []), ("of", ["of"] * 5), ("<unk>", ["to"] * 5)])
def test_a_greedy_continuation_ends_with_the_sentence_and_passes_over_unknown_words(
    best: str, words: list[str]
) -> None:
    model = tiny_network()
    model.softmax.bias[VOCABULARY.id_of("to")] = 500
    model.softmax.bias[VOCABULARY.id_of(best)] = 1000
    predictor = Predictor(model, VOCABULARY)
    assert predictor.continue_greedily(predictor.states.read([]), 5) == words


@pytest.mark.parametrize("temperature", [0, 5e-324, 1e-310, 1e-5])
@pytest.mark.parametrize("hide_unknown", [True, False])
def test_no_temperature_leaves_the_best_word_alone(temperature: float, hide_unknown: bool) -> None:
    log_probabilities = expected_after([]).log()
    log_probabilities[VOCABULARY.unknown_id] = 0
    given = PREDICTOR.probabilities(log_probabilities, temperature, hide_unknown=hide_unknown)
    best = most_probable_known([]) if hide_unknown else VOCABULARY.unknown_id
    assert given.tolist() == [float(number == best) for number in range(VOCABULARY_SIZE)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_temperature_is_a_power_of_the_probabilities(temperature: float) -> None:
    expected = expected_after(["the"]) ** (1 / temperature)
    given = PREDICTOR.probabilities(expected_after(["the"]).log(), temperature)
    torch.testing.assert_close(given, expected / expected.sum())
