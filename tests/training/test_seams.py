"""A cell, a softmax or an optimizer of another kind, in a class of its own, trains and resumes like ours."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from ptbterm.checkpoints import load_checkpoint, load_weights, save_checkpoint
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.predictor import Predictor
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.candidates import Candidates
from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.softmax import Softmax
from ptbterm.settings.schema import ModelSettings, TrainingSettings
from ptbterm.training.optimizers import NamedWeights
from ptbterm.training.trainer import Trainer
from tests.training.tiny_runs import tiny_corpus

MODEL = ModelSettings(hidden_size=8, keep_prob=0.5)
TRAINING = TrainingSettings(
    batch_size=2, num_steps=4, epochs=2, device="cpu", learning_rate=0.1, sampled_words=8, full_softmax=0.5
)


class TanhCell(nn.Module):
    """A recurrent layer with one state tensor, whose gradient autograd takes."""

    state_names = ("h",)
    min_uniform_steps = 1

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * settings.hidden_size, settings.hidden_size))

    def reset_parameters(self, stream: torch.Generator) -> None:
        nn.init.uniform_(self.weight, -0.5, 0.5, generator=stream)

    def new_workspace(self) -> None:
        return None

    def forward(self, inputs: torch.Tensor, state: State, _workspace: None) -> tuple[torch.Tensor, State]:
        (h,) = state
        outputs = []
        for word in inputs:
            h = torch.tanh(torch.cat([word, h], dim=1) @ self.weight)
            outputs.append(h)
        return torch.stack(outputs), (h,)


class BottleneckSoftmax(Softmax):
    """Scores by two matrices in place of one, the first of which makes the hidden vectors smaller."""

    def __init__(self, settings: ModelSettings, embedding: nn.Parameter) -> None:
        nn.Module.__init__(self)
        self.narrow = nn.Parameter(torch.empty(settings.hidden_size, 4))
        self.words = nn.Linear(4, len(embedding))

    def reset_parameters(self, stream: torch.Generator, _word_counts: torch.Tensor | None) -> None:
        for weights in self.parameters():
            nn.init.uniform_(weights, -0.5, 0.5, generator=stream)

    def log_probabilities(self, hidden: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.words(hidden @ self.narrow)
        return scores.log_softmax(dim=1)

    def nats(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return functional.nll_loss(self.log_probabilities(hidden), targets, reduction="none")

    def sampled_nats(self, hidden: torch.Tensor, candidates: Candidates) -> torch.Tensor:
        ids, log_inclusion, places = candidates
        scores = functional.linear(hidden @ self.narrow, self.words.weight[ids], self.words.bias[ids])
        return functional.cross_entropy(scores - log_inclusion, places, reduction="none")

    def vectors(self) -> torch.Tensor:
        return self.words.weight


class Momentum:
    """An optimizer that remembers."""

    def __init__(self, _settings: TrainingSettings, weights: NamedWeights) -> None:
        self._weights = dict(weights)
        self._velocities = {name: torch.zeros_like(parameter) for name, parameter in self._weights.items()}

    @torch.no_grad()
    def step(self, rate: float, max_grad_norm: float) -> torch.Tensor:
        for parameter in self._weights.values():
            parameter.grad = None if parameter.grad is None else parameter.grad.to_dense()
        norm = nn.utils.clip_grad_norm_(self._weights.values(), max_grad_norm)
        for name, parameter in self._weights.items():
            assert parameter.grad is not None
            parameter.add_(self._velocities[name].mul_(0.9).add_(parameter.grad), alpha=-0.1 * rate)
        return norm

    def state_dict(self) -> Mapping[str, torch.Tensor]:
        return self._velocities

    def load_state_dict(self, tensors: Mapping[str, torch.Tensor]) -> None:
        self._velocities = {name: tensor.clone() for name, tensor in tensors.items()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=19)


def train(trainer: Trainer, windows: int) -> None:
    for _ in range(windows):
        if not trainer.has_more:
            trainer.begin_next_epoch()
        trainer.train_window()


PARTS: dict[str, dict[str, Any]] = {
    "cell": {"build_model": partial(LanguageModel, build_cell=TanhCell)},
    "softmax": {"build_model": partial(LanguageModel, build_softmax=BottleneckSoftmax)},
    "optimizer": {"build_optimizer": Momentum},
}


@pytest.mark.parametrize("part", PARTS)
def test_it_trains_and_resumes_with_the_same_bits(corpus: EncodedCorpus, tmp_path: Path, part: str) -> None:
    build: Callable[[], Trainer] = partial(Trainer, MODEL, TRAINING, corpus, **PARTS[part])
    undisturbed = build()
    assert undisturbed.is_sampled(0)
    train(undisturbed, undisturbed.total_windows)
    stopped = build()
    train(stopped, 5)
    save_checkpoint(stopped.checkpoint(), tmp_path / "last.safetensors")
    resumed = build()
    assert resumed.restore(load_checkpoint(tmp_path / "last.safetensors"))
    train(resumed, resumed.total_windows - 5)
    expected, tensors = undisturbed.checkpoint().tensors, resumed.checkpoint().tensors
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensors[name], tensor) for name, tensor in expected.items())


@pytest.mark.parametrize("part", ["cell", "softmax"])
def test_it_answers(corpus: EncodedCorpus, tmp_path: Path, part: str) -> None:
    trainer = Trainer(MODEL, TRAINING, corpus, **PARTS[part])
    untrained = evaluate_valid(trainer.model, corpus)
    train(trainer, trainer.total_windows)
    save_checkpoint(trainer.checkpoint(), tmp_path / "last.safetensors")
    model = PARTS[part]["build_model"](MODEL, len(corpus.vocabulary))
    load_weights(model, load_checkpoint(tmp_path / "last.safetensors"))
    assert evaluate_valid(model, corpus) == evaluate_valid(trainer.model, corpus) < untrained
    words = Predictor(model.eval(), corpus.vocabulary).predict("this is", 3).next_words
    assert 0 < sum(word.probability for word in words) <= 1
    assert model.softmax.vectors().shape[0] == len(corpus.vocabulary)


def evaluate_valid(model: LanguageModel, corpus: EncodedCorpus) -> float:
    scorer = ModelScorer(model)
    return evaluate(scorer, [corpus.ids["valid"]], "stream", corpus.vocabulary.unknown_id).perplexity
