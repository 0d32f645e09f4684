"""A step that is recorded and replayed is the step itself, to the bit."""

from pathlib import Path

import msgspec
import pytest
import torch

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.model.cuda_graph import WARM_UP
from ptbterm.settings.resolve import preset_names, read_preset, resolve
from ptbterm.training.trainer import Trainer
from tests.recorded_graph import graphs_on_a_cpu  # noqa: F401
from tests.training.tiny_runs import new_run, tiny_corpus, trainer_of

pytestmark = pytest.mark.process  # trains


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=40)


def as_preset(folder: Path, corpus: EncodedCorpus, preset: str, *changes: str) -> Trainer:
    """A trainer with a preset's ways, small: the first half sampled where the preset samples, some dropout."""
    settings = resolve(read_preset(preset)).settings
    model = msgspec.structs.asdict(settings.model) | {"hidden_size": 8, "keep_prob": 0.8}
    assignments = [f"model.{name}={value}".lower() for name, value in model.items()]
    sampled = f"training.sampled_words={8 if settings.training.sampled_words else 0}"
    optimizer = f"training.optimizer={settings.training.optimizer}"
    options = (optimizer, sampled, "training.full_softmax=0.5", "training.num_steps=2", *changes)
    return trainer_of(
        new_run(folder, f"{preset}-{len(list(folder.iterdir()))}", corpus, *assignments, *options), corpus
    )


def train(trainer: Trainer, windows: int) -> list[torch.Tensor]:
    """Train `windows` windows, across the end of an epoch, and return their costs."""
    costs = []
    for _ in range(windows):
        if not trainer.has_more:
            trainer.begin_next_epoch()
        before = trainer.losses.sum.clone()
        trainer.train_window()
        costs.append(trainer.losses.sum - before)
    return costs


@pytest.mark.usefixtures("graphs_on_a_cpu")
@pytest.mark.parametrize("preset", preset_names())
def test_replayed_steps_are_the_steps_to_the_bit(tmp_path: Path, corpus: EncodedCorpus, preset: str) -> None:
    by_calls, by_graph = (as_preset(tmp_path, corpus, preset) for _ in range(2))
    by_graph.device = torch.device("cuda")
    windows = by_calls.total_windows
    assert windows > by_calls.windows > 2 * WARM_UP + 4
    assert by_calls.is_sampled(0) == (by_calls.settings.sampled_words > 0)
    assert not by_calls.is_sampled(windows - WARM_UP - 2)
    assert torch.equal(torch.stack(train(by_calls, windows)), torch.stack(train(by_graph, windows)))
    expected, replayed = by_calls.checkpoint().tensors, by_graph.checkpoint().tensors
    assert [name for name, tensor in expected.items() if not torch.equal(tensor, replayed[name])] == []


@pytest.mark.usefixtures("graphs_on_a_cpu")
def test_a_recording_computes_nothing_and_only_the_first_windows_are_calls(
    tmp_path: Path, corpus: EncodedCorpus
) -> None:
    trainer = as_preset(tmp_path, corpus, "fast", "training.full_softmax=0")
    trainer.device = torch.device("cuda")
    gradients, calls = trainer.gradients, 0

    def counted(*arguments: torch.Tensor) -> object:
        nonlocal calls
        calls += 1
        return gradients(*arguments)  # type: ignore[arg-type]

    trainer.gradients = counted  # type: ignore[method-assign, assignment]
    train(trainer, WARM_UP)
    before = trainer.checkpoint().copy().tensors
    assert calls == WARM_UP
    train(trainer, 8)
    assert calls == WARM_UP + 1
    after = trainer.checkpoint().tensors
    assert not torch.equal(before["dropout_stream"], after["dropout_stream"])


@pytest.mark.usefixtures("graphs_on_a_cpu")
def test_the_costs_of_replayed_steps_stay_as_they_were(tmp_path: Path, corpus: EncodedCorpus) -> None:
    trainer = as_preset(tmp_path, corpus, "small")
    trainer.device = torch.device("cuda")
    costs = []
    for number in range(WARM_UP + 3):
        costs.append(trainer.step(*(trainer.rows[:, first : first + 2] for first in (number, number + 1))))
    assert len({cost.item() for cost in costs}) == len(costs)
