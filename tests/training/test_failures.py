"""Runs that can't be trained, and runs that fail."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import AnyEvent, EpochFinished, RunFailed, RunFinished
from ptbterm.runs.lock import as_trainer
from ptbterm.terminal.text.hints import hint_for
from ptbterm.training import session
from tests.training.tiny_runs import (
    after_windows,
    checkpoints,
    events_of,
    ignore,
    never,
    new_run,
    tiny_corpus,
    trained,
    trainer_of,
)

pytestmark = pytest.mark.process  # trains


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            ["training.batch_size=20"],
            "The training text is too short: a window of 20 x 4 words needs 100, and it has 30.",
        ),
        (
            ["training.batch_size=1", "training.num_steps=30"],
            "The training text is too short: a window of 1 x 30 words needs 31, and it has 30.",
        ),
        (
            ["training.evaluation=notebook"],
            "The valid text is too short: a window of 30 x 20 words needs 630, and it has 48.",
        ),
    ],
)
def test_too_little_text_leaves_no_run(tmp_path: Path, settings: list[str], message: str) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=5)
    with pytest.raises(PtbtermError) as error:
        new_run(tmp_path / "runs", "first", corpus, *settings)
    assert error.value.message == message
    assert "--set training." in hint_for(error.value)
    assert not (tmp_path / "runs").exists()


def test_just_enough_text(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=5)
    run = new_run(tmp_path / "runs", "first", corpus, "training.batch_size=1", "training.num_steps=29")
    assert isinstance(session.resume(run, [], corpus, ignore, never), RunFinished)


@pytest.mark.parametrize("learning_rate", ["1e6", "1e30"])
@pytest.mark.parametrize("windows", [1, 9])
def test_divergence_is_one_clear_error_and_spares_the_last_checkpoint(
    tmp_path: Path, learning_rate: str, windows: int
) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=math.ceil(3 * (4 * windows + 1) / 6))
    run = trained(tmp_path / "runs", "first", corpus)
    before = checkpoints(run)
    changes = [f"training.learning_rate={learning_rate}", "training.epochs=4"]
    with pytest.raises(PtbtermError, match=r"Training diverged: after window \d+ of epoch \d") as error:
        session.resume(run, changes, corpus, ignore, never)
    assert "training.learning_rate" in error.value.hint
    lower = "training.learning_rate=1"
    assert hint_for(error.value).endswith(f"ptbterm resume first --set {lower}")
    assert checkpoints(run) == before
    failed = events_of(run)[-1]
    assert isinstance(failed, RunFailed)
    assert (failed.reason, failed.hint, failed.change) == (error.value.message, error.value.hint, lower)

    end = session.resume(run, ["training.learning_rate=0.1"], corpus, ignore, never)
    assert isinstance(end, RunFinished)


def test_a_diverged_run_that_is_stopped_is_not_saved(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=250)
    run = new_run(tmp_path / "runs", "first", corpus, "training.learning_rate=1e10")
    with pytest.raises(PtbtermError, match="Training diverged: after window 2 of epoch 1"):
        session.resume(run, [], corpus, ignore, after_windows(5))
    assert not run.last_checkpoint.exists()


def test_any_other_error_is_recorded_too(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=5)
    run = new_run(tmp_path / "runs", "first", corpus)

    def odd(event: AnyEvent) -> None:
        if isinstance(event, EpochFinished):
            raise KeyError("odd")

    with pytest.raises(KeyError):
        session.resume(run, [], corpus, odd, never)
    failed = events_of(run)[-1]
    assert isinstance(failed, RunFailed)
    assert failed.reason == "KeyError('odd')"


def test_a_diverged_loss_says_since_which_window(tmp_path: Path) -> None:
    """However many windows later the losses are read."""
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=25)
    trainer = trainer_of(new_run(tmp_path / "runs", "first", corpus), corpus)
    for _ in range(7):
        trainer.train_window()
    with torch.no_grad():
        trainer.model.softmax.bias[0] = math.nan
    for _ in range(4):
        trainer.train_window()
    with pytest.raises(PtbtermError, match="Training diverged: after window 8 of epoch 1 the loss is nan"):
        trainer.mean_nats()


@pytest.mark.parametrize("learning_rate", ["1e6", "1e30"])
@pytest.mark.parametrize("saved", ["by time", "as it is stopped"])
def test_numbers_that_are_not_finite_are_never_saved(tmp_path: Path, saved: str, learning_rate: str) -> None:
    """Right after the step that is too large, whose own loss was a number: what is on the disk stays as it was."""
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=250)
    run = new_run(tmp_path / "runs", "first", corpus)
    session.resume(run, [], corpus, ignore, after_windows(2))
    before = run.last_checkpoint.read_bytes()
    settings = [f"training.learning_rate={learning_rate}"]
    settings += ["training.save_minutes=1e-9"] if saved == "by time" else []
    with pytest.raises(PtbtermError, match="Training diverged: after window 3 of epoch 1 the loss becomes"):
        session.resume(run, settings, corpus, ignore, never if saved == "by time" else after_windows(1))
    assert run.last_checkpoint.read_bytes() == before


TOO_LARGE = """
import resource, sys
from pathlib import Path
from tests.training.tiny_runs import ignore, never, new_run, tiny_corpus
from ptbterm.errors import PtbtermError
from ptbterm.terminal.text.hints import hint_for
from ptbterm.training import session
corpus = tiny_corpus(Path(sys.argv[1]) / "corpus", train_sentences=5)
run = new_run(Path(sys.argv[1]) / "runs", "first", corpus, f"model.hidden_size={sys.argv[2]}")
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
try:
    session.resume(run, [], corpus, ignore, never)
except PtbtermError as error:
    print(error.message)
    print(error.hint)
    print(hint_for(error))
"""


@pytest.mark.process
@pytest.mark.parametrize("hidden_size", [12_000, 100_000])
def test_too_little_memory_names_the_settings_that_matter(tmp_path: Path, hidden_size: int) -> None:
    """4 GiB are enough for torch, not for two layers of 12,000 and their gradients."""
    command = [sys.executable, "-c", TOO_LARGE, str(tmp_path), str(hidden_size)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    message, hint, step = done.stdout.splitlines()
    settings = f"model.hidden_size={hidden_size}, training.batch_size=3, training.num_steps=4"
    assert message == f"Out of memory (cpu) with {settings}."
    assert hint.startswith("Smaller values need less")
    assert step.endswith("settings.toml --set training.batch_size=1")


@pytest.mark.parametrize(
    "error",
    [
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_too_little_memory_while_it_trains_is_an_event(tmp_path: Path, error: Exception) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=5)
    run = new_run(tmp_path / "runs", "first", corpus)

    def run_out(event: AnyEvent) -> None:
        if isinstance(event, EpochFinished):
            raise error

    with pytest.raises(PtbtermError, match=r"Out of memory \(cpu\)"):
        session.resume(run, [], corpus, run_out, never)
    failed = events_of(run)[-1]
    assert isinstance(failed, RunFailed)
    assert failed.reason.startswith("Out of memory")


def test_a_run_that_is_being_trained_is_refused(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=5)
    run = new_run(tmp_path / "runs", "first", corpus)
    with as_trainer(run), pytest.raises(PtbtermError, match="is being trained by another process"):
        session.resume(run, [], corpus, ignore, never)
    assert not run.events_file.exists()
