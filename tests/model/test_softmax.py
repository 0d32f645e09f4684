"""The softmax: every word's probability and the losses of the targets, against numpy in double precision."""

import weakref
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from ptbterm.model import products, softmax
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.model.softmax import Softmax, cross_entropy
from ptbterm.settings.schema import ModelSettings

pytestmark = pytest.mark.usefixtures("library")

sizes = st.integers(1, 9)


def by_hand(hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> npt.NDArray[np.float64]:
    logits = hidden.double().numpy() @ weight.double().numpy() + bias.double().numpy()
    largest = logits.max(axis=1, keepdims=True)
    return np.asarray(logits - largest - np.log(np.exp(logits - largest).sum(axis=1, keepdims=True)))


def softmax_of(weight: torch.Tensor, bias: torch.Tensor) -> Softmax:
    layer = Softmax(ModelSettings(), torch.nn.Parameter(torch.empty(weight.shape[::-1])))
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer.requires_grad_(requires_grad=False)


@given(words=sizes, hidden_size=sizes, vocabulary=sizes, scale=st.sampled_from([0.0, 0.1, 3.0, 100.0]))
def test_losses_are_the_log_probabilities_of_the_targets(
    words: int, hidden_size: int, vocabulary: int, scale: float
) -> None:
    stream = random_stream(words, f"{hidden_size} {vocabulary}")
    hidden = torch.rand(words, hidden_size, generator=stream) * 2 - 1
    weight = scale * torch.randn(hidden_size, vocabulary, generator=stream)
    bias = scale * torch.randn(vocabulary, generator=stream)
    targets = torch.randint(vocabulary, (words,), generator=stream)

    expected = by_hand(hidden, weight, bias)
    ours = softmax_of(weight, bias).log_probabilities(hidden)
    nats = cross_entropy(hidden, weight, bias, targets)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(ours.exp().sum(dim=1), 1, rtol=1e-5)
    np.testing.assert_allclose(nats, -expected[range(words), targets], rtol=1e-5, atol=1e-4)
    assert (nats >= 0).all()


def test_a_very_improbable_word_has_a_finite_loss() -> None:
    weight = torch.tensor([[5000.0, -5000.0]])
    nats = cross_entropy(torch.ones(1, 1), weight, torch.zeros(2), torch.tensor([1]))
    assert nats.tolist() == [10_000]


@given(
    words=st.tuples(sizes, sizes),
    hidden_size=sizes,
    vocabulary=sizes,
    rows_a_block=st.integers(1, 12),
    tied=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_gradients_are_those_of_plain_torch(
    words: tuple[int, int], hidden_size: int, vocabulary: int, rows_a_block: int, tied: bool, dtype: torch.dtype
) -> None:
    stream = random_stream(sum(words), f"{hidden_size} {vocabulary}")
    weight = torch.randn(hidden_size, vocabulary, generator=stream, dtype=dtype)
    bias = torch.randn(vocabulary, generator=stream, dtype=dtype)
    if tied:
        weight = weight.t().contiguous().t()
    block_bytes = rows_a_block * vocabulary * weight.element_size()
    for count in words:
        hidden = torch.randn(count, hidden_size, generator=stream, dtype=dtype)
        targets = torch.randint(vocabulary, (count,), generator=stream)
        upstream = torch.randn(count, generator=stream, dtype=dtype)
        inputs = [tensor.requires_grad_() for tensor in (hidden, weight, bias)]
        ours = cross_entropy(hidden, weight, bias, targets, block_bytes)
        torchs = functional.cross_entropy(hidden @ weight + bias, targets, reduction="none")
        gradients, expected = (torch.autograd.grad(nats, inputs, upstream) for nats in (ours, torchs))
        torch.testing.assert_close(gradients, expected)


def test_only_one_block_of_scores_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks: list[weakref.ref[torch.Tensor]] = []

    def product(left: torch.Tensor, right: torch.Tensor, plus: torch.Tensor | None = None) -> torch.Tensor:
        result = products.product(left, right, plus=plus)
        if plus is not None:
            assert all(block() is None for block in blocks)
            blocks.append(weakref.ref(result))
        return result

    monkeypatch.setattr(softmax, "products", SimpleNamespace(product=product))
    hidden, weight, bias = (torch.rand(shape, requires_grad=True) for shape in ((6, 2), (2, 5), (5,)))
    cross_entropy(hidden, weight, bias, torch.arange(6) % 5, block_bytes=2 * 5 * 4).sum().backward()  # type: ignore[no-untyped-call]
    assert len(blocks) == 6  # three forward, and again for the gradient


def network(*, tied: bool) -> LanguageModel:
    model = LanguageModel(ModelSettings(hidden_size=8, init_scale=0.5, tied=tied), 12)
    model.reset_parameters(1)
    torch.nn.init.uniform_(model.softmax.bias, generator=random_stream(1, "bias"))
    return model.requires_grad_(requires_grad=False)


def test_losses_are_in_row_order_as_in_the_notebook() -> None:
    model = network(tied=False)
    targets = torch.arange(6).reshape(2, 3)
    hidden, _ = model(targets + 1, model.zero_state(2))
    expected = [
        -model.log_probabilities(hidden[row, step])[0, targets[row, step]] for row in (0, 1) for step in range(3)
    ]
    torch.testing.assert_close(model.word_nats(hidden, targets), torch.stack(expected))


def test_a_tied_output_reads_the_words_vectors() -> None:
    model = network(tied=True)
    assert "softmax_weight" not in model.named_weights()
    hidden = torch.rand(4, 8, generator=random_stream(1, "hidden"))
    expected = by_hand(hidden, model.embedding.T, model.softmax.bias)
    np.testing.assert_allclose(model.log_probabilities(hidden), expected, rtol=1e-5)

    nats = model.word_nats(hidden, torch.arange(4))
    model.embedding[0] += 1
    assert (model.word_nats(hidden, torch.arange(4)) != nats).all()
