"""Our own LSTM kernel, which trains on the CPU, against torch's."""

import pytest
import torch

from ptbterm.model.cells.cell import State
from ptbterm.model.cells.lstm import MAX_SINGLE_STEPS, LSTMCell, in_one_piece
from ptbterm.model.cells.lstm_kernel import Workspace
from ptbterm.model.random_streams import random_stream
from ptbterm.settings.schema import ModelSettings

pytestmark = pytest.mark.usefixtures("library")


def example(
    steps: int, batch: int, size: int, dtype: torch.dtype = torch.double
) -> tuple[LSTMCell, torch.Tensor, State]:
    """A cell, inputs, and the state before them."""
    stream = random_stream(1, "example")
    layer = LSTMCell(ModelSettings(hidden_size=size, init_scale=1.0, forget_bias=0.5)).to(dtype)
    layer.reset_parameters(stream)
    inputs = torch.randn(steps, batch, size, generator=stream, dtype=dtype, requires_grad=True)
    h, c = torch.randn(2, batch, size, generator=stream, dtype=dtype)
    return layer, inputs, (h, c)


@pytest.mark.parametrize("dtype", [torch.double, torch.float])
@pytest.mark.parametrize(("steps", "batch", "size"), [(1, 1, 1), (1, 3, 5), (7, 2, 4), (20, 5, 12)])
def test_outputs_and_gradients_are_those_of_torch(steps: int, batch: int, size: int, dtype: torch.dtype) -> None:
    layer, inputs, state = example(steps, batch, size, dtype)
    upstream = torch.randn(inputs.shape, generator=random_stream(1, "upstream"), dtype=dtype)
    rtol, atol = (1e-7, 1e-7) if dtype is torch.double else (1e-4, 1e-5)
    weights = [inputs, *layer.parameters()]

    expected = layer.eval()(inputs, state, Workspace())
    gradients = torch.autograd.grad(expected[0], weights, upstream)
    space = Workspace()
    for _ in range(2):
        ours = layer.train()(inputs, state, space)
        assert type(ours[0].grad_fn) is not type(expected[0].grad_fn)
        torch.testing.assert_close(ours, expected, rtol=rtol, atol=atol)
        our_gradients = torch.autograd.grad(ours[0], weights, upstream)
        torch.testing.assert_close(our_gradients, gradients, rtol=rtol, atol=atol)


def test_a_workspace_fits_one_shape_after_another() -> None:
    space = Workspace()
    for shape in [(3, 2, 4), (5, 1, 4), (3, 2, 4)]:
        layer, inputs, state = example(*shape)
        outputs = layer(inputs, state, space)
        torch.testing.assert_close(outputs, layer(inputs, state, Workspace()))


def test_a_window_whose_workspace_was_used_again_has_no_gradient() -> None:
    layer, inputs, state = example(3, 2, 4)
    space = Workspace()
    outputs, *_ = layer(inputs, state, space)
    layer(inputs, state, space)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        torch.autograd.grad(outputs.sum(), inputs)


def test_for_cudnn_the_weights_lie_in_one_piece_of_memory_in_its_order() -> None:
    """Otherwise torch copies them together at each call and warns. A gradient flows through ours."""
    kernel = torch.rand(3 + 2, 4 * 2, generator=random_stream(1, "kernel"), requires_grad=True)
    parts = [*(rows.t() for rows in torch.split(kernel, [3, 2])), torch.rand(8), torch.zeros(8)]
    pieces = in_one_piece(parts)
    place = pieces[0].data_ptr()
    for part, piece in zip(parts, pieces, strict=True):
        assert torch.equal(part, piece)
        assert piece.is_contiguous()
        assert piece.data_ptr() == place
        place += piece.nbytes
    (gradient,) = torch.autograd.grad(torch.stack([piece.sum() for piece in pieces]).sum(), kernel)
    assert torch.equal(gradient, torch.ones_like(kernel))


def test_for_cudnn_weights_are_packed_again_only_after_a_change_or_for_a_gradient() -> None:
    layer, *_ = example(3, 2, 4)
    with torch.no_grad():
        first = layer._packed_weights()
        assert layer._packed_weights() is first
        layer.bias.add_(1)
        again = layer._packed_weights()
        assert torch.equal(again[2], layer.bias)
    assert layer._packed_weights()[0].requires_grad
    assert again[0].equal(layer._packed_weights()[0])


def test_torchs_kernel_keeps_what_a_gradient_needs_only_if_gradients_are_enabled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """cuDNN refuses a backward pass after `train=False`, but dynamic evaluation needs one in evaluation mode."""
    layer, inputs, state = example(MAX_SINGLE_STEPS + 1, 2, 4)
    train_flags: list[bool] = []

    def lstm(inputs: torch.Tensor, state: list[torch.Tensor], *_: object, train: bool, **__: object) -> object:
        train_flags.append(train)
        return inputs, *state

    monkeypatch.setattr(torch, "lstm", lstm)
    layer.eval()(inputs, state, Workspace())
    with torch.no_grad():
        layer(inputs, state, Workspace())
    assert train_flags == [True, False]
