"""Our own LSTM kernel, which trains on the CPU, against torch's, which does all else."""

import pytest
import torch

from ptbterm.model.random_streams import random_stream
from ptbterm.model.recurrence import Workspace
from ptbterm.model.stacked_lstm import LSTMLayer


def example(steps: int, batch: int, size: int) -> tuple[LSTMLayer, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A layer, inputs, h and c, in double precision."""
    stream = random_stream(1, "example")
    layer = LSTMLayer(size, size).double()
    layer.reset_parameters(1.0, 0.5, stream)
    inputs = torch.randn(steps, batch, size, generator=stream, dtype=torch.double, requires_grad=True)
    h, c = torch.randn(2, batch, size, generator=stream, dtype=torch.double)
    return layer, inputs, h, c


@pytest.mark.parametrize(("steps", "batch", "size"), [(1, 1, 1), (1, 3, 5), (7, 2, 4), (20, 5, 12)])
def test_outputs_and_gradients_are_those_of_torch(steps: int, batch: int, size: int) -> None:
    layer, inputs, h, c = example(steps, batch, size)
    upstream = torch.randn(inputs.shape, generator=random_stream(1, "upstream"), dtype=torch.double)
    weights = [inputs, *layer.parameters()]

    expected = layer.eval()(inputs, h, c, Workspace())
    gradients = torch.autograd.grad(expected[0], weights, upstream)
    space = Workspace()
    for _ in range(2):
        found = layer.train()(inputs, h, c, space)
        assert type(found[0].grad_fn) is not type(expected[0].grad_fn)
        torch.testing.assert_close(found, expected)
        torch.testing.assert_close(torch.autograd.grad(found[0], weights, upstream), gradients)


def test_a_workspace_fits_one_shape_after_another() -> None:
    space = Workspace()
    for shape in [(3, 2, 4), (5, 1, 4), (3, 2, 4)]:
        layer, inputs, h, c = example(*shape)
        found = layer(inputs, h, c, space)
        torch.testing.assert_close(found, layer(inputs, h, c, Workspace()))


def test_a_window_whose_workspace_was_used_again_has_no_gradient() -> None:
    layer, inputs, h, c = example(3, 2, 4)
    space = Workspace()
    outputs, *_ = layer(inputs, h, c, space)
    layer(inputs, h, c, space)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        torch.autograd.grad(outputs.sum(), inputs)
