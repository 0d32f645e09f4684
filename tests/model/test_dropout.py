"""Dropout: what it drops, where, and from which stream it draws."""

import pytest
import torch

from ptbterm.model.dropout import dropout
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.settings.schema import ModelSettings

IDS = torch.arange(12).reshape(2, 6)


def network(keep_prob: float) -> LanguageModel:
    model = LanguageModel(ModelSettings(hidden_size=8, keep_prob=keep_prob, forget_bias=1.0), 12)
    model.reset_parameters(1)
    for layer in model.stack.layers:
        torch.nn.init.constant_(layer.bias, 0.5)  # type: ignore[arg-type]
    return model


def outputs(model: LanguageModel, seed: int | None = 1) -> torch.Tensor:
    stream = None if seed is None else random_stream(seed, "dropout")
    with torch.no_grad():
        hidden: torch.Tensor = model(IDS, model.zero_state(2), stream)[0]
    return hidden


@pytest.mark.parametrize("keep_prob", [0.5, 0.35, 0.9])
def test_that_share_is_kept_and_the_mean_stays(keep_prob: float) -> None:
    values = torch.full((200, 500), 3.0)
    dropped = dropout(values, keep_prob, random_stream(1, "dropout"))
    kept = dropped[dropped != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 3 / keep_prob))
    assert len(kept) / values.numel() == pytest.approx(keep_prob, abs=0.01)
    assert dropped.mean().item() == pytest.approx(3, abs=0.1)
    assert values.eq(3).all()


def test_nothing_is_dropped_or_drawn_where_all_is_kept() -> None:
    stream, untouched = random_stream(1, "dropout"), random_stream(1, "dropout")
    values = torch.ones(5)
    assert torch.equal(dropout(values, 1.0, stream), values)
    assert torch.equal(stream.get_state(), untouched.get_state())


def test_inputs_of_every_layer_and_the_outputs_are_dropped_but_no_state() -> None:
    """Where all is dropped, each layer runs on from its own state alone, as if its inputs were 0."""
    everything_dropped = network(keep_prob=1e-12).train()
    stream = random_stream(1, "dropout")
    with torch.no_grad():
        hidden, (h, c) = everything_dropped(IDS, everything_dropped.zero_state(2), stream)
        assert hidden.eq(0).all()
        for number in range(2):
            alone = everything_dropped.stack.layer(number)
            zeros = (torch.zeros(2, 8), torch.zeros(2, 8))
            _, (h_alone, c_alone) = alone(torch.zeros(6, 2, 8), zeros, alone.new_workspace())
            assert h_alone.abs().min() > 0
            torch.testing.assert_close(h[number], h_alone)
            torch.testing.assert_close(c[number], c_alone)


def test_each_step_each_row_and_each_number_has_a_draw_of_its_own() -> None:
    dropped = outputs(network(0.5).train()).eq(0)
    assert 0.3 < dropped.float().mean() < 0.7
    for dimension in range(3):
        assert not torch.equal(dropped, dropped.roll(1, dimension))


def test_none_in_evaluation() -> None:
    assert torch.equal(outputs(network(0.5).eval()), outputs(network(1.0).eval(), seed=None))
    assert not torch.equal(outputs(network(0.5).train()), outputs(network(1.0).train()))


def test_the_stream_alone_decides_what_is_dropped() -> None:
    model = network(0.5).train()
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = outputs(model)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(outputs(model), first)
    assert not torch.equal(outputs(model, seed=2), first)
