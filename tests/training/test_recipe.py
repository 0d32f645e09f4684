"""The trainer's losses, gradients and weights are those of a plain loop around torch.nn.LSTM."""

import math
from dataclasses import dataclass

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.runs.events import EpochFinished, EpochStarted
from ptbterm.runs.run import Run
from tests.training.tiny_runs import events_of, new_run, progress_of, tiny_corpus, trained, trainer_of

HIDDEN, BATCH, STEPS, WINDOWS = 8, 3, 4, 9
RATES = (2.0, 1.0, 0.5)
MAX_NORM = 2.0
SETTINGS = (
    "training.epochs=3",
    "training.learning_rate=2",
    "training.full_rate_epochs=1",
    "training.decay=0.5",
    f"training.max_grad_norm={MAX_NORM}",
    "model.init_scale=0.5",
    "model.forget_bias=0.3",
)


@dataclass
class PlainLoop:
    """What happened in a loop written as plainly as can be."""

    weights: dict[str, torch.Tensor]
    costs: list[list[float]]
    norms: list[float]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=19)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> Run:
    return trained(tmp_path_factory.mktemp("runs"), "first", corpus, *SETTINGS)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> PlainLoop:
    """Train again, from the same first weights, with torch.nn.LSTM and hand-written clipping and SGD."""
    model = trainer_of(new_run(tmp_path_factory.mktemp("runs"), "plain", corpus, *SETTINGS), corpus).model
    first = {name: weights.detach().clone() for name, weights in model.named_weights().items()}
    embedding = nn.Embedding(len(corpus.vocabulary), HIDDEN, _weight=first["embedding"])
    lstm = nn.LSTM(HIDDEN, HIDDEN, num_layers=2, batch_first=True)
    softmax_weight, softmax_bias = (nn.Parameter(first[f"softmax_{name}"]) for name in ("weight", "bias"))
    for layer in range(2):
        kernel = first[f"lstm.layers.{layer}.kernel"]
        own = {"weight_ih": kernel[:HIDDEN].T, "weight_hh": kernel[HIDDEN:].T}
        own |= {"bias_ih": first[f"lstm.layers.{layer}.bias"], "bias_hh": torch.zeros(4 * HIDDEN)}
        for name, values in own.items():
            getattr(lstm, f"{name}_l{layer}").data.copy_(values)
        getattr(lstm, f"bias_hh_l{layer}").requires_grad_(False)
    everything = [embedding.weight, *lstm.parameters(), softmax_weight, softmax_bias]
    learned = [weights for weights in everything if weights.requires_grad]

    ids = torch.tensor(corpus.ids["train"].tolist())
    columns = len(ids) // BATCH
    rows = ids[: BATCH * columns].view(BATCH, columns)
    costs, norms = [], []
    for rate in RATES:
        state = (torch.zeros(2, BATCH, HIDDEN), torch.zeros(2, BATCH, HIDDEN))
        costs.append(list[float]())
        for start in range(0, WINDOWS * STEPS, STEPS):
            outputs, (h, c) = lstm(embedding(rows[:, start : start + STEPS]), state)
            state = (h.detach(), c.detach())
            logits = outputs.reshape(-1, HIDDEN) @ softmax_weight + softmax_bias
            losses = functional.cross_entropy(
                logits, rows[:, start + 1 : start + STEPS + 1].reshape(-1), reduction="none"
            )
            cost = losses.view(BATCH, STEPS).sum(dim=1).mean()
            gradients = torch.autograd.grad(cost, learned)
            norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
            with torch.no_grad():
                for weights, gradient in zip(learned, gradients, strict=True):
                    weights.sub_(rate * gradient * min(1, MAX_NORM / norm))
            costs[-1].append(cost.item())
            norms.append(norm)

    last = {"embedding": embedding.weight, "softmax_weight": softmax_weight, "softmax_bias": softmax_bias}
    for layer in range(2):
        halves = [getattr(lstm, f"{name}_l{layer}").T for name in ("weight_ih", "weight_hh")]
        last[f"lstm.layers.{layer}.kernel"] = torch.cat(halves)
        last[f"lstm.layers.{layer}.bias"] = getattr(lstm, f"bias_ih_l{layer}")
    return PlainLoop({name: weights.detach() for name, weights in last.items()}, costs, norms)


def test_weights_after_all_epochs(run: Run, plain: PlainLoop) -> None:
    tensors = load_file(run.last_checkpoint)
    weights = {
        name.removeprefix("model."): tensor for name, tensor in tensors.items() if name.startswith("model.")
    }
    assert weights.keys() == plain.weights.keys()
    for name, expected in plain.weights.items():
        torch.testing.assert_close(weights[name], expected, rtol=1e-4, atol=1e-5)


def test_perplexity_is_exp_of_costs_by_steps_since_the_epoch_began(run: Run, plain: PlainLoop) -> None:
    expected = [sum(costs[: n + 1]) / ((n + 1) * STEPS) for costs in plain.costs for n in range(WINDOWS)]
    progress = progress_of(run)
    assert [event.loss for event in progress] == pytest.approx(expected, rel=1e-5)
    assert [event.perplexity for event in progress] == pytest.approx(
        [math.exp(loss) for loss in expected], rel=1e-5
    )
    finished = [event for event in events_of(run) if isinstance(event, EpochFinished)]
    by_epoch = [math.exp(sum(costs) / (WINDOWS * STEPS)) for costs in plain.costs]
    assert [event.train_perplexity for event in finished] == pytest.approx(by_epoch, rel=1e-5)


def test_gradients_are_clipped_by_their_global_norm(run: Run, plain: PlainLoop) -> None:
    assert min(plain.norms) < MAX_NORM < max(plain.norms)
    assert [event.gradient_norm for event in progress_of(run)] == pytest.approx(plain.norms, rel=1e-3)


def test_the_first_loss_is_that_of_a_guess(run: Run, corpus: EncodedCorpus) -> None:
    assert progress_of(run)[0].loss == pytest.approx(math.log(len(corpus.vocabulary)), abs=0.3)


def test_each_epoch_says_its_learning_rate(run: Run) -> None:
    started = [event for event in events_of(run) if isinstance(event, EpochStarted)]
    assert [event.learning_rate for event in started] == list(RATES)
    assert [event.learning_rate for event in progress_of(run)] == [rate for rate in RATES for _ in range(WINDOWS)]
