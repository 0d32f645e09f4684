"""The sampled softmax: which words it scores, and that its estimates are unbiased."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.model.candidates import CandidateSampler
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.settings.schema import ModelSettings

COUNTS = (1000 / torch.arange(1, 41)).long()


@given(
    targets=st.lists(st.integers(0, 39), min_size=1, max_size=12), size=st.integers(12, 39), seed=st.integers(0, 9)
)
def test_candidates_are_different_words_and_the_targets_are_among_them(
    targets: list[int], size: int, seed: int
) -> None:
    drawn = CandidateSampler(COUNTS, size).draw(torch.tensor(targets), random_stream(seed, "candidates"))
    assert len(set(drawn.ids.tolist())) == size
    assert drawn.ids[drawn.places].tolist() == targets
    assert (drawn.log_inclusion <= 0).all()
    assert (drawn.log_inclusion[drawn.places] == 0).all()


def test_sums_over_all_words_are_right_on_average() -> None:
    stream = random_stream(1, "candidates")
    values = torch.rand(40, generator=stream)
    sampler, targets = CandidateSampler(COUNTS, 10), torch.tensor([3, 30, 3])
    draws = [sampler.draw(targets, stream) for _ in range(4000)]
    sums = torch.stack([(values[drawn.ids] / drawn.log_inclusion.exp()).sum() for drawn in draws])
    error = sums.std() / len(sums) ** 0.5
    assert abs(sums.mean() - values.sum()) < 3 * error
    assert error < 0.01 * values.sum()


def test_a_word_of_count_0_can_be_drawn() -> None:
    sampler = CandidateSampler(torch.tensor([5, 0, 0, 0]), 3)
    stream = random_stream(1, "candidates")
    drawn = {word for _ in range(50) for word in sampler.draw(torch.tensor([0]), stream).ids.tolist()}
    assert drawn == {0, 1, 2, 3}


@pytest.mark.parametrize("tied", [False, True])
def test_the_estimate_is_the_loss_itself_where_nearly_all_words_are_scored(tied: bool) -> None:
    model = LanguageModel(ModelSettings(hidden_size=8, tied=tied), 40)
    model.reset_parameters(1)
    torch.nn.init.uniform_(model.softmax.bias, generator=random_stream(1, "bias"))
    hidden = torch.rand(2, 3, 8, generator=random_stream(1, "hidden"))
    targets = torch.tensor([[1, 39, 1], [0, 7, 20]])
    drawn = CandidateSampler(COUNTS, 39).draw(targets.reshape(-1), random_stream(1, "candidates"))
    estimate = model.sampled_word_nats(hidden, drawn)
    torch.testing.assert_close(estimate, model.word_nats(hidden, targets), rtol=0, atol=0.1)
    gradient = torch.autograd.grad(estimate.sum(), model.softmax.bias)[0]
    assert (gradient[targets.reshape(-1)] < 0).all()
