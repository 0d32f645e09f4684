"""Drawn words, against the distribution they are drawn from."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.generation import DrawnWord, Sampling, generate
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.schema import ModelSettings
from tests.inference.tiny_network import VOCABULARY_SIZE, read_one_by_one, tiny_network

MODEL = tiny_network()
VOCABULARY = Vocabulary(["the", "<unk>", "<eos>", "N", "of", "to", "a", "in", "and", "'s", "this", "is"])
CONTEXT = [2, 7, 4]
NEXT = read_one_by_one(MODEL, CONTEXT)[-1].exp()
RANKED = NEXT.argsort(descending=True).tolist()

CHI_SQUARE_AT_0_001 = {1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47, 9: 27.88, 11: 31.26}
"""Degrees of freedom -> the value that chi-square passes with probability 0.001."""

samplings = pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(temperature=0.5),
        Sampling(temperature=2.0),
        Sampling(top_k=3),
        Sampling(top_p=0.6),
        Sampling(temperature=1.5, top_k=4, top_p=0.7),
        Sampling(excluded=(VOCABULARY[RANKED[0]], VOCABULARY[RANKED[5]])),
        Sampling(top_k=4, excluded=(VOCABULARY[RANKED[1]],)),
    ],
    ids=str,
)


def columns(sampling: Sampling, words: int = 20, samples: int = 1) -> list[list[DrawnWord]]:
    return list(generate(MODEL, VOCABULARY, CONTEXT, words, samples, sampling))


def texts(sampling: Sampling, words: int = 20, samples: int = 1) -> list[list[int]]:
    drawn = [[word.id for word in column] for column in columns(sampling, words, samples)]
    return [list(text) for text in zip(*drawn, strict=True)]


def chi_square(drawn: list[int], probabilities: torch.Tensor) -> float:
    counts = torch.bincount(torch.tensor(drawn), minlength=VOCABULARY_SIZE)
    possible = probabilities > 0
    assert not counts[~possible].any()
    expected = len(drawn) * probabilities[possible]
    return float(((counts[possible] - expected) ** 2 / expected).sum())


def drawn_from(sampling: Sampling) -> torch.Tensor:
    """The distribution of the first word, by temperature, then top-k, then top-p of what is left."""
    excluded = [VOCABULARY.id_of(word) for word in sampling.excluded]
    sharpened = NEXT ** (1 / sampling.temperature)
    sharpened[excluded] = 0
    ranked = [number for number in RANKED if number not in excluded][: sampling.top_k or VOCABULARY_SIZE]
    sharpened = sharpened / sharpened[ranked].sum()
    kept: list[int] = []
    for number in ranked:
        if sharpened[kept].sum() < sampling.top_p:
            kept.append(number)
    probabilities = torch.zeros_like(sharpened)
    probabilities[kept] = sharpened[kept]
    return probabilities / probabilities.sum()


@samplings
def test_words_are_drawn_with_the_frequencies_of_their_distribution(sampling: Sampling) -> None:
    """Those too whose ids are beyond the hidden size, 8."""
    probabilities = drawn_from(sampling)
    drawn = [text[0] for text in texts(sampling, words=1, samples=10_000)]
    assert {number for number, p in enumerate(probabilities.tolist()) if p > 0.001} <= set(drawn)
    freedom = int((probabilities > 0).sum()) - 1
    assert chi_square(drawn, probabilities) < CHI_SQUARE_AT_0_001[freedom]


def test_each_word_of_a_text_is_drawn_independently() -> None:
    model = tiny_network()
    model.softmax.weight.zero_()
    model.softmax.bias.copy_(NEXT.log())
    drawn = [word.id for (word,) in generate(model, VOCABULARY, CONTEXT, 2000, 1, Sampling())]
    assert chi_square(drawn, NEXT) < CHI_SQUARE_AT_0_001[VOCABULARY_SIZE - 1]


@samplings
def test_log_probabilities_are_the_models_own(sampling: Sampling) -> None:
    drawn = columns(sampling, words=15, samples=3)
    for number in range(3):
        text = [column[number].id for column in drawn]
        read = read_one_by_one(MODEL, [*CONTEXT, *text])[len(CONTEXT) - 1 : -1]
        expected = read[range(15), text].tolist()
        assert [column[number].log_probability for column in drawn] == pytest.approx(expected, rel=1e-9)


def test_the_seed_decides_the_text() -> None:
    assert texts(Sampling(seed=1)) == texts(Sampling(seed=1))
    assert texts(Sampling(seed=1)) != texts(Sampling(seed=2))


def bigger_network() -> LanguageModel:
    """In single precision, and large enough for the rows of a product to depend on how many they are."""
    model = LanguageModel(ModelSettings(hidden_size=64, init_scale=0.3), 1000)
    model.reset_parameters(1)
    return model.requires_grad_(requires_grad=False)


@pytest.mark.parametrize(
    "model", [MODEL, tiny_network().float(), bigger_network()], ids=["double", "single", "big"]
)
def test_a_sample_does_not_depend_on_the_number_of_samples(model: LanguageModel) -> None:
    def drawn(samples: int) -> list[tuple[DrawnWord, ...]]:
        return list(zip(*generate(model, VOCABULARY, CONTEXT, 20, samples, Sampling()), strict=True))

    together = drawn(33)
    assert len(set(together)) == 33
    for samples in (1, 2, 8):
        assert drawn(samples) == together[:samples]


@pytest.mark.parametrize(
    "numbers",
    [
        *({"temperature": value} for value in (math.nan, math.inf, -1.0)),
        *({"top_p": value} for value in (math.nan, -0.1, 1.1)),
        {"top_k": -1},
    ],
    ids=str,
)
def test_numbers_outside_their_range(numbers: dict[str, float]) -> None:
    [(_, value)] = numbers.items()
    with pytest.raises(PtbtermError, match=f"not {value}"):
        Sampling(**numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize("sampling", [Sampling(temperature=0), Sampling(top_k=1), Sampling(top_p=0)], ids=str)
def test_temperature_0_takes_the_most_probable_word_for_any_seed(sampling: Sampling) -> None:
    expected = list(CONTEXT)
    for _ in range(20):
        expected.append(int(read_one_by_one(MODEL, expected)[-1].argmax()))
    assert texts(sampling) == [expected[len(CONTEXT) :]]
    assert texts(Sampling(sampling.temperature, sampling.top_k, sampling.top_p, seed=9)) == texts(sampling)


def extreme_network() -> LanguageModel:
    """One whose least likely words have a probability below the smallest float."""
    model = tiny_network()
    model.softmax.bias.copy_(torch.linspace(-2000, 0, VOCABULARY_SIZE))
    return model


NETWORKS = [MODEL, tiny_network().float(), extreme_network()]


@given(
    model=st.sampled_from(NETWORKS),
    temperature=st.floats(0, 1e300),
    top_k=st.integers(0, VOCABULARY_SIZE + 3),
    top_p=st.floats(0, 1),
    seed=st.integers(0, 2**63 - 1),
)
def test_words_are_among_the_k_most_probable(
    model: LanguageModel, temperature: float, top_k: int, top_p: float, seed: int
) -> None:
    ranked = read_one_by_one(model, CONTEXT)[-1].argsort(descending=True).tolist()
    (drawn,) = generate(model, VOCABULARY, CONTEXT, 1, 5, Sampling(temperature, top_k, top_p, seed))
    assert {word.id for word in drawn} <= set(ranked[: top_k or VOCABULARY_SIZE])


def test_words_are_drawn_one_by_one_as_they_are_needed() -> None:
    assert columns(Sampling(), words=0) == []
    endless = generate(MODEL, VOCABULARY, CONTEXT, 10**9, 2, Sampling())
    assert [len(next(endless)) for _ in range(3)] == [2, 2, 2]


def test_there_is_no_dropout_even_between_steps_of_training() -> None:
    expected = columns(Sampling(seed=3))
    model = tiny_network(keep_prob=0.5).train()
    assert list(generate(model, VOCABULARY, CONTEXT, 20, sampling=Sampling(seed=3))) == expected
    assert model.training
