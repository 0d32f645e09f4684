"""The stacked LSTM against torch's own, and against the notebook's formula written out step by step."""

from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from ptbterm.model.cells.lstm import MAX_SINGLE_STEPS, LSTMCell
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.settings.schema import ModelSettings

HIDDEN, VOCABULARY, BATCH, STEPS, LAYERS = 6, 11, 3, 9, 3
Array = npt.NDArray[np.float64]

each_way = pytest.mark.parametrize("shared_cell", [False, True], ids=["own cells", "shared cell"])


def ids() -> torch.Tensor:
    return torch.randint(VOCABULARY, (BATCH, STEPS), generator=random_stream(3, "ids"))


def network(*, shared_cell: bool, forget_bias: float = 0.0) -> LanguageModel:
    settings = ModelSettings(
        hidden_size=HIDDEN, num_layers=LAYERS, shared_cell=shared_cell, forget_bias=forget_bias, init_scale=0.8
    )
    model = LanguageModel(settings, VOCABULARY).double()
    model.reset_parameters(1)
    return model


def cell_of(model: LanguageModel, number: int) -> LSTMCell:
    return cast("LSTMCell", model.stack.layer(number))


def with_random_biases(model: LanguageModel) -> LanguageModel:
    for number in range(LAYERS):
        nn.init.uniform_(cell_of(model, number).bias, -1, 1, generator=random_stream(number, "biases"))
    return model


def torch_lstm(model: LanguageModel) -> nn.LSTM:
    """The same network in torch's module, its weights mapped as the docstring of cells/lstm.py says."""
    twin = nn.LSTM(HIDDEN, HIDDEN, num_layers=LAYERS).double()
    weights = {}
    for number in range(LAYERS):
        cell = cell_of(model, number)
        weights[f"weight_ih_l{number}"] = cell.kernel[:HIDDEN].T
        weights[f"weight_hh_l{number}"] = cell.kernel[HIDDEN:].T
        weights[f"bias_ih_l{number}"] = 0.25 * cell.bias
        weights[f"bias_hh_l{number}"] = 0.75 * cell.bias
    twin.load_state_dict(weights)
    return twin


@each_way
def test_it_is_torchs_lstm(shared_cell: bool) -> None:
    model = with_random_biases(network(shared_cell=shared_cell))
    hidden, (h, c) = model(ids(), model.zero_state(BATCH))
    expected, (expected_h, expected_c) = torch_lstm(model)(model.embedding[ids().T])
    torch.testing.assert_close(hidden, expected.transpose(0, 1))
    torch.testing.assert_close(h, expected_h)
    torch.testing.assert_close(c, expected_c)


@each_way
@pytest.mark.parametrize("steps", [1, MAX_SINGLE_STEPS, MAX_SINGLE_STEPS + 1])
def test_it_is_torchs_lstm_in_evaluation_however_few_the_words(shared_cell: bool, steps: int) -> None:
    model = with_random_biases(network(shared_cell=shared_cell)).eval()
    words = ids().repeat(1, 2)[:, :steps]
    hidden, (h, c) = model(words, model.zero_state(BATCH))
    expected, (expected_h, expected_c) = torch_lstm(model)(model.embedding[words.T])
    torch.testing.assert_close(hidden, expected.transpose(0, 1))
    torch.testing.assert_close(h, expected_h)
    torch.testing.assert_close(c, expected_c)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def in_tensorflows_order(columns: torch.Tensor) -> Array:
    i, f, j, o = columns.detach().numpy().reshape(-1, 4, HIDDEN).swapaxes(0, 1)
    return np.concatenate([i, j, f, o], axis=1)


def notebook_lstm(model: LanguageModel, words: list[int], forget_bias: float) -> Array:
    """TensorFlow's BasicLSTMCell, biases 0, on one row of words: the output of the last layer at each step."""
    kernels = [in_tensorflows_order(cell_of(model, number).kernel) for number in range(LAYERS)]
    h, c = np.zeros((LAYERS, HIDDEN)), np.zeros((LAYERS, HIDDEN))
    outputs = []
    for word in words:
        x = model.embedding[word].detach().numpy()
        for layer, kernel in enumerate(kernels):
            i, j, f, o = np.split(np.concatenate([x, h[layer]]) @ kernel, 4)
            c[layer] = c[layer] * sigmoid(f + forget_bias) + sigmoid(i) * np.tanh(j)
            x = h[layer] = np.tanh(c[layer]) * sigmoid(o)
        outputs.append(x)
    return np.stack(outputs)


@each_way
@pytest.mark.parametrize("forget_bias", [0.0, 1.0])
def test_it_is_the_notebooks_formula(shared_cell: bool, forget_bias: float) -> None:
    model = network(shared_cell=shared_cell, forget_bias=forget_bias)
    hidden, _ = model(ids(), model.zero_state(BATCH))
    for row, words in zip(hidden.detach().numpy(), ids().tolist(), strict=True):
        np.testing.assert_allclose(row, notebook_lstm(model, words, forget_bias), rtol=1e-9)


def test_the_gradient_of_a_shared_cell_is_the_sum_over_its_layers() -> None:
    shared, own = with_random_biases(network(shared_cell=True)), network(shared_cell=False)
    cell = cell_of(shared, 0)
    own.load_state_dict(
        {
            **shared.state_dict(),
            **{
                f"stack.layers.{number}.{name}": getattr(cell, name)
                for number in range(LAYERS)
                for name in ("kernel", "bias")
            },
        }
    )
    for model in (shared, own):
        hidden, _ = model(ids(), model.zero_state(BATCH))
        model.word_nats(hidden, ids()).sum().backward()  # type: ignore[no-untyped-call]
    for name in ("kernel", "bias"):
        gradients = [getattr(cell_of(own, number), name).grad for number in range(LAYERS)]
        torch.testing.assert_close(getattr(cell, name).grad, torch.stack(gradients).sum(dim=0))


@each_way
def test_state_carried_from_window_to_window_makes_one_long_run(shared_cell: bool) -> None:
    model = with_random_biases(network(shared_cell=shared_cell))
    whole, end = model(ids(), model.zero_state(BATCH))
    state, pieces = model.zero_state(BATCH), []
    for part in (ids()[:, :1], ids()[:, 1:6], ids()[:, 6:]):
        hidden, state = model(part, tuple(tensor.detach() for tensor in state))
        pieces.append(hidden)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole)
    torch.testing.assert_close(state, end)
