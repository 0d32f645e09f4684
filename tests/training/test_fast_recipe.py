"""AdamW, cosine schedule, sampled softmax, a budget in windows or minutes: all beyond the notebook."""

import math
from pathlib import Path

import msgspec
import pytest
import torch

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import PtbtermError
from ptbterm.model.candidates import CandidateSampler
from ptbterm.runs.events import EpochFinished, RunFinished, RunStarted
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import preset_names, read_preset, resolve
from ptbterm.settings.schema import TrainingSettings
from ptbterm.training import budget, session
from ptbterm.training.losses import Losses
from ptbterm.training.optimizers import build_optimizer
from ptbterm.training.trainer import Trainer
from tests.training.tiny_runs import (
    after_windows,
    checkpoints,
    events_of,
    ignore,
    never,
    new_run,
    progress_of,
    tiny_corpus,
    trained,
    trainer_of,
)

pytestmark = pytest.mark.process  # trains

FAST = (
    "model.tied=true",
    "model.residual=true",
    "model.embedding_scale=2",
    "model.output_bias=unigram",
    "model.dropout_mask=window",
    "model.keep_prob=0.8",
    "training.num_steps=2",
    "training.epochs=2",
    "training.optimizer=adamw",
    "training.weight_decay=0.1",
    "training.schedule=cosine",
    "training.learning_rate=0.01",
    "training.warmup_windows=3",
    "training.sampled_words=8",
    "training.full_softmax=0.25",
)
WINDOWS = 19


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=20)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> Run:
    return trained(tmp_path_factory.mktemp("runs"), "fast", corpus, *FAST)


def test_it_learns(run: Run) -> None:
    first, last = (event.valid_perplexity for event in events_of(run) if isinstance(event, EpochFinished))
    assert last < first < 12


def test_perplexity_is_an_estimate_in_epochs_that_began_with_a_sampled_softmax(
    tmp_path: Path, corpus: EncodedCorpus
) -> None:
    run = trained(tmp_path, "half", corpus, *FAST, "training.full_softmax=0.5")
    assert [event.estimate for event in events_of(run) if isinstance(event, EpochFinished)] == [True, False]
    assert {(event.epoch, event.estimate) for event in progress_of(run)} == {(1, True), (2, False)}


def test_the_softmax_is_full_where_every_word_would_be_sampled(tmp_path: Path, corpus: EncodedCorpus) -> None:
    every, none = (
        trained(tmp_path, name, corpus, *FAST, f"training.sampled_words={words}")
        for name, words in (("every", 1000), ("none", 0))
    )
    assert checkpoints(every) == checkpoints(none)
    assert not any(event.estimate for event in progress_of(every))


@pytest.mark.parametrize("stop", [0, 4, WINDOWS, 2 * WINDOWS - 2])
def test_stopped_and_resumed_it_ends_with_the_bits_of_an_undisturbed_run(
    tmp_path: Path, corpus: EncodedCorpus, run: Run, stop: int
) -> None:
    stopped = new_run(tmp_path, "stopped", corpus, *FAST)
    session.resume(stopped, [], corpus, ignore, after_windows(stop))
    assert isinstance(session.resume(stopped, [], corpus, ignore, never), RunFinished)
    assert checkpoints(stopped) == checkpoints(run)


def test_windows_cut_the_last_epoch_short(tmp_path: Path, corpus: EncodedCorpus) -> None:
    run = trained(tmp_path, "short", corpus, *FAST, f"training.windows={WINDOWS + 7}")
    started, *_ = events_of(run)
    assert isinstance(started, RunStarted)
    assert (started.epochs, started.windows_per_epoch) == (2, WINDOWS)
    assert [event.window for event in progress_of(run) if event.epoch == 2][-1] == 6
    with pytest.raises(PtbtermError, match="is finished; its last epoch was 2") as error:
        session.resume(run, [], corpus, ignore, never)
    change = error.value.details["change"]
    assert isinstance(session.resume(run, [change], corpus, ignore, never), RunFinished)


def test_minutes_become_windows_by_the_pace_of_both_kinds_of_step(tmp_path: Path, corpus: EncodedCorpus) -> None:
    run = new_run(tmp_path, "budget", corpus, *FAST, "training.minutes=0.5")
    settings = run.read_record().training
    full_softmax: list[bool] = []

    def trainer_with(training: TrainingSettings) -> Trainer:
        trainer = Trainer(run.read_record().model, training, corpus)
        full_softmax.append(not trainer.is_sampled(0))
        return trainer

    clock = iter([0.0, 0.1 * budget.TIMED, 0.0, 0.2 * budget.TIMED])  # seconds: 0.1 sampled, 0.2 full
    windows = budget.fit_to_minutes(settings, trainer_with, lambda: next(clock))
    assert full_softmax == [False, True]
    assert windows == 30 / 0.125


def test_a_budget_is_timed_from_when_the_device_is_done_to_when_it_is_done(
    tmp_path: Path, corpus: EncodedCorpus
) -> None:
    """As on CUDA: a step is launched in no time, and takes 0.1 seconds until its cost is read."""
    run = new_run(tmp_path, "budget", corpus, "training.minutes=0.5")
    now, launched = 0.0, 0

    class Cost(torch.Tensor):
        def item(self) -> float:
            nonlocal now, launched
            now, launched = now + 0.1 * launched, 0
            return float(super().item())

    class OnCuda(Trainer):
        def step(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            nonlocal launched
            launched += 1
            return super().step(inputs, targets).as_subclass(Cost)

    def trainer_with(training: TrainingSettings) -> Trainer:
        return OnCuda(run.read_record().model, training, corpus)

    assert budget.fit_to_minutes(run.read_record().training, trainer_with, lambda: now) == pytest.approx(
        300, abs=1
    )


def test_a_budget_is_written_down_and_can_be_repeated_exactly(tmp_path: Path, corpus: EncodedCorpus) -> None:
    first = trained(tmp_path, "first", corpus, *FAST, "training.minutes=0.001")
    settings = first.read_record().training
    assert (settings.minutes, settings.windows > 0) == (0.001, True)
    changes = ("training.minutes=0.001", f"training.windows={settings.windows}")
    assert checkpoints(trained(tmp_path, "again", corpus, *FAST, *changes)) == checkpoints(first)


def test_too_few_sampled_words_for_the_targets_of_a_window(tmp_path: Path, corpus: EncodedCorpus) -> None:
    with pytest.raises(PtbtermError, match="sampled_words must be at least 6, the number of targets in a window"):
        new_run(tmp_path, "few", corpus, *FAST, "training.sampled_words=5")
    assert not list(tmp_path.iterdir())


def test_words_start_at_their_frequencies(tmp_path: Path, corpus: EncodedCorpus) -> None:
    model = trainer_of(new_run(tmp_path, "new", corpus, *FAST), corpus).model
    counts = torch.bincount(torch.from_numpy(corpus.ids["train"].astype("int64")), minlength=12)
    shares = counts.clamp(min=1) / counts.sum()
    torch.testing.assert_close(model.softmax.bias.detach().exp(), shares)
    assert math.isclose(model.softmax.bias.exp().sum().item(), 1, abs_tol=0.02)


@pytest.mark.parametrize("preset", preset_names())
def test_a_step_never_waits_for_the_host_nor_leaves_its_device(
    tmp_path: Path, corpus: EncodedCorpus, preset: str
) -> None:
    settings = resolve(read_preset(preset)).settings
    model = msgspec.structs.asdict(settings.model) | {"hidden_size": 8}
    assignments = [f"model.{name}={value}".lower() for name, value in model.items()]
    sampled = f"training.sampled_words={8 if settings.training.sampled_words else 0}"
    optimizer = f"training.optimizer={settings.training.optimizer}"
    options = (optimizer, sampled, "training.full_softmax=0.5", "training.num_steps=2")
    trainer = trainer_of(new_run(tmp_path, preset, corpus, *assignments, *options), corpus)
    trainer.model.to("meta")
    trainer.optimizer = build_optimizer(trainer.settings, trainer.model.named_parameters())
    trainer.sampler = CandidateSampler(torch.empty(12, dtype=torch.int64, device="meta"), 8)
    trainer.recurrent_state = trainer.model.zero_state(3)
    trainer.losses = Losses(torch.device("meta"))
    trainer.rows = trainer.rows.to("meta")
    for windows_done in (0, trainer.total_windows):  # sampled, where the preset samples; full
        trainer.epoch, trainer.window = 1 + windows_done // trainer.windows, 0
        assert trainer.is_sampled(windows_done) == (settings.training.sampled_words > 0 and windows_done == 0)
        for _ in range(2):
            trainer.train_window()
            assert (trainer.losses.sum.device.type, trainer.gradient_norm.device.type) == ("meta", "meta")
