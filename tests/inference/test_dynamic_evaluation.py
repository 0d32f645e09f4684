"""Dynamic evaluation: score first, then one step, on a copy."""

from typing import get_args

import numpy as np
import pytest
import torch

from ptbterm.inference.dynamic_evaluation import LEARNING_RATE, MAX_GRAD_NORM, DynamicEvaluation
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.choices import Adapt
from ptbterm.settings.schema import ModelSettings
from tests.inference.tiny_network import VOCABULARY_SIZE

TEXT = [0, 4, 6, 2, 7, 4, 9, 2] * 20


def network(*, tied: bool) -> LanguageModel:
    settings = ModelSettings(hidden_size=8, num_layers=2, init_scale=0.5, keep_prob=0.5, tied=tied)
    model = LanguageModel(settings, VOCABULARY_SIZE).double()
    model.reset_parameters(1)
    return model.eval()


def score_and_learn_slowly(model: LanguageModel, ids: list[int], steps: int, rate: float) -> float:
    """The sum of nats, each chunk scored before a step of torch's own SGD on it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    state, nats = model.zero_state(1), 0.0
    for first in range(0, len(ids) - 1, steps):
        chunk = torch.tensor([ids[first : first + steps + 1]])
        hidden, after = model(chunk[:, :-1], state)
        log_probabilities = model.log_probabilities(hidden)
        losses = -log_probabilities.gather(1, chunk[0, 1:, None])
        nats += losses.sum().item()
        optimizer.zero_grad()
        torch.autograd.backward(losses.mean())
        gradients = [weight.grad.to_dense() for weight in model.parameters() if weight.grad is not None]
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
        for weight in model.parameters():
            assert weight.grad is not None
            weight.grad = weight.grad * min(1.0, MAX_GRAD_NORM / norm.item())
        optimizer.step()
        state = tuple(part.detach() for part in after)
    return nats


@pytest.mark.parametrize("tied", [True, False])
def test_dynamic_evaluation_scores_before_it_learns(tied: bool) -> None:
    model = network(tied=tied)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    score = evaluate(ModelScorer(model, "dynamic"), [np.array(TEXT, dtype=np.int32)], "stream", 1)
    expected = score_and_learn_slowly(network(tied=tied), TEXT, 20, LEARNING_RATE)
    assert score.nats == pytest.approx(expected, rel=1e-5)
    assert score.nats < evaluate(ModelScorer(model), [np.array(TEXT, dtype=np.int32)], "stream", 1).nats
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_a_long_text_is_learned_in_several_steps() -> None:
    model = network(tied=True)
    whole, chunkwise = DynamicEvaluation(model, max_step_words=5), DynamicEvaluation(model)
    ids = torch.tensor([TEXT[:11]])
    whole.learn(ids[:, :-1], ids[:, 1:], model.zero_state(1))
    _, state = model(ids[:, :5], model.zero_state(1))
    chunkwise.learn(ids[:, :5], ids[:, 1:6], model.zero_state(1))
    chunkwise.learn(ids[:, 5:10], ids[:, 6:], state)
    torch.testing.assert_close(whole.model.embedding, chunkwise.model.embedding)


def test_cache_and_dynamic_evaluation_together_on_a_repetitive_text() -> None:
    model = network(tied=True)
    text = [np.array(TEXT, dtype=np.int32)]
    nats = {adapt: evaluate(ModelScorer(model, adapt), text, "stream", 1).nats for adapt in get_args(Adapt)}
    assert nats["both"] < min(nats["cache"], nats["dynamic"]) < nats["none"]
