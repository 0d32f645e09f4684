"""The weights before training."""

import pytest
import torch

from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.schema import ModelSettings


def fresh(seed: int = 1, **changes: float | str) -> LanguageModel:
    model = LanguageModel(ModelSettings(hidden_size=16, **changes), 300)  # type: ignore[arg-type]
    model.reset_parameters(seed)
    return model


def numbers(model: LanguageModel) -> torch.Tensor:
    return torch.cat([weights.detach().flatten() for weights in model.parameters()])


@pytest.mark.parametrize("scale", [0.1, 0.04])
def test_weights_fill_the_range_evenly_and_biases_are_0(scale: float) -> None:
    for name, weights in fresh(init_scale=scale).named_parameters():
        if name.endswith("bias"):
            assert weights.eq(0).all(), name
            continue
        assert weights.abs().max() <= scale
        tenths = torch.histc(weights.detach(), bins=10, min=-scale, max=scale) / weights.numel()
        assert ((tenths - 0.1).abs() < 0.025).all(), name


def test_the_softmax_bias_can_be_drawn_like_the_weights_which_are_the_same_with_and_without() -> None:
    drawn, zeros = fresh(output_bias="uniform"), fresh(output_bias="zeros")
    bias = drawn.softmax.bias.detach()
    assert bias.abs().max() <= 0.1
    tenths = torch.histc(bias, bins=10, min=-0.1, max=0.1) / len(bias)
    assert ((tenths - 0.1).abs() < 0.06).all()
    for name, weights in zeros.named_weights().items():
        assert torch.equal(drawn.named_weights()[name], weights) == (name != "softmax_bias")


def test_forget_bias_fills_the_forget_gates_quarter_of_every_bias() -> None:
    for layer in fresh(forget_bias=1.5).stack.layers:
        i, f, j, o = layer.bias.detach().split(16)  # type: ignore[operator]
        assert f.eq(1.5).all()
        assert torch.cat([i, j, o]).eq(0).all()


def test_the_seed_and_nothing_else_decides_the_weights() -> None:
    torch.manual_seed(5)
    first = numbers(fresh(1))
    untouched = torch.rand(())
    torch.manual_seed(5)
    assert torch.rand(()) == untouched
    assert torch.equal(numbers(fresh(1)), first)
    assert not torch.equal(numbers(fresh(2)), first)


def test_no_two_tensors_start_alike() -> None:
    beginnings = {
        tuple(weights.detach().flatten()[:8].tolist()) for weights in fresh().parameters() if weights.dim() == 2
    }
    assert len(beginnings) == 4
