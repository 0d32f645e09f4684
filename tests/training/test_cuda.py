"""On a real GPU: bits, resume, no waits, and the numbers of the CPU; skipped without one."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from ptbterm.checkpoints import load_checkpoint, save_checkpoint
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.events import RunFinished
from ptbterm.settings.resolve import preset_names, read_preset, resolve
from ptbterm.training import session
from ptbterm.training.trainer import Trainer
from tests.training.test_step_graph import as_preset, train
from tests.training.tiny_runs import ignore, never, new_run, tiny_corpus

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
ON_GPU = "training.device=cuda"
each_preset = pytest.mark.parametrize("preset", preset_names())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=40)


@contextmanager
def waits_raise() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Synchronization debug mode is a prototype")
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def differing(one: Trainer, other: Trainer) -> list[str]:
    tensors = other.checkpoint().tensors
    return [name for name, tensor in one.checkpoint().tensors.items() if not torch.equal(tensor, tensors[name])]


@each_preset
def test_a_graph_replays_the_bits_of_the_calls(tmp_path: Path, corpus: EncodedCorpus, preset: str) -> None:
    by_calls, by_graph = (as_preset(tmp_path, corpus, preset, ON_GPU) for _ in range(2))
    by_calls.gradients_by = lambda: by_calls.gradients  # type: ignore[method-assign]
    train(by_calls, by_calls.total_windows)
    train(by_graph, by_graph.total_windows)
    assert differing(by_calls, by_graph) == []


@each_preset
def test_a_resumed_training_has_the_bits_of_one_never_stopped(
    tmp_path: Path, corpus: EncodedCorpus, preset: str
) -> None:
    whole, first, second = (as_preset(tmp_path, corpus, preset, ON_GPU) for _ in range(3))
    train(whole, 30)
    train(first, 13)
    save_checkpoint(first.checkpoint(), tmp_path / "half.safetensors")
    assert second.restore(load_checkpoint(tmp_path / "half.safetensors"))
    train(second, 17)
    assert differing(whole, second) == []


@each_preset
def test_no_step_waits_for_the_device(tmp_path: Path, corpus: EncodedCorpus, preset: str) -> None:
    trainer = as_preset(tmp_path, corpus, preset, ON_GPU, "training.full_softmax=0")
    train(trainer, 5)
    inputs, targets = trainer.rows[:, :2], trainer.rows[:, 1:3]
    with waits_raise():
        trainer.train_window()
        trainer.gradients(inputs, targets, trainer.recurrent_state)
        trainer.optimizer.step(0.1, 1.0)


@each_preset
def test_losses_are_the_cpus(tmp_path: Path, corpus: EncodedCorpus, preset: str) -> None:
    rate = resolve(read_preset(preset)).settings.training.learning_rate
    exact = ("model.keep_prob=1", "training.sampled_words=0", f"training.learning_rate={rate}")
    on_gpu, on_cpu = (
        torch.stack(train(as_preset(tmp_path, corpus, preset, *exact, f"training.device={device}"), 30)).cpu()
        for device in ("cuda", "cpu")
    )
    torch.testing.assert_close(on_gpu, on_cpu, rtol=1e-4, atol=1e-4)


def test_a_run_is_trained_and_answers(tmp_path: Path, corpus: EncodedCorpus) -> None:
    run = new_run(tmp_path, "gpu", corpus, ON_GPU)
    assert isinstance(session.resume(run, [], corpus, ignore, never), RunFinished)
    on_gpu, on_cpu = load_run(run, "cuda"), load_run(run, "cpu")
    text = "this is an example\nthe company said it will rise\n"
    assert on_gpu.perplexity(text) == pytest.approx(on_cpu.perplexity(text), rel=1e-4)
    assert on_gpu.generate("this is", 30) == on_cpu.generate("this is", 30)
    expected = [word.word for word in on_cpu.next_words("the company", 5)]
    assert [word.word for word in on_gpu.next_words("the company", 5)] == expected
