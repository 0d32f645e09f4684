"""Our own LSTM kernel for wide layers, against torch's."""

import pytest
import torch

from ptbterm.model import recurrence, stacked_lstm
from ptbterm.model.random_streams import random_stream
from ptbterm.model.stacked_lstm import LSTMLayer


@pytest.mark.parametrize(("steps", "batch", "size"), [(1, 1, 1), (1, 3, 5), (7, 2, 4), (20, 5, 12)])
def test_outputs_and_gradients_are_those_of_torch(
    monkeypatch: pytest.MonkeyPatch, steps: int, batch: int, size: int
) -> None:
    stream = random_stream(1, "example")
    layer = LSTMLayer(size, size).double()
    layer.reset_parameters(1.0, 0.5, stream)
    inputs = torch.randn(steps, batch, size, generator=stream, dtype=torch.double, requires_grad=True)
    h, c = torch.randn(2, batch, size, generator=stream, dtype=torch.double)
    upstream = torch.randn(steps, batch, size, generator=stream, dtype=torch.double)
    weights = [inputs, *layer.parameters()]

    expected = layer(inputs, h, c)
    gradients = torch.autograd.grad(expected[0], weights, upstream)
    monkeypatch.setattr(stacked_lstm, "OWN_KERNEL_FROM", 0)
    found = layer(inputs, h, c)
    assert type(found[0].grad_fn) is not type(expected[0].grad_fn)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found[0], weights, upstream), gradients)


def test_evaluation_uses_torchs_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacked_lstm, "OWN_KERNEL_FROM", 0)
    monkeypatch.setattr(recurrence, "lstm", None)
    layer = LSTMLayer(2, 2).eval()
    layer.reset_parameters(1.0, 0.0, random_stream(1, "example"))
    assert layer(torch.ones(3, 1, 2), torch.zeros(1, 2), torch.zeros(1, 2))[0].shape == (3, 1, 2)
