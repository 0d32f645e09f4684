"""Seconds of training alone, by a clock that the test moves."""

from pathlib import Path

import pytest

from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochFinished,
    Evaluated,
    Glimpse,
    Progress,
    RunFinished,
)
from ptbterm.runs.journal import Journal
from ptbterm.runs.state import RunState
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.stopwatch import Stopwatch
from ptbterm.training.trainer import Trainer
from tests.training.tiny_runs import never, new_run, tiny_corpus, trainer_of

pytestmark = pytest.mark.process  # trains


def test_counts_running_time_without_pauses() -> None:
    now = 1000.0
    stopwatch = Stopwatch(lambda: now, seconds=5.0)
    now += 100
    with stopwatch.running():
        now += 1
        with stopwatch.paused():
            now += 100
            assert stopwatch.seconds == 6
        now += 2
        assert stopwatch.seconds == 8
    now += 100
    assert stopwatch.seconds == 8


def test_an_error_stops_it() -> None:
    now = 1000.0
    stopwatch = Stopwatch(lambda: now)
    with pytest.raises(KeyError), stopwatch.running(), stopwatch.paused():
        raise KeyError
    now += 100
    assert stopwatch.seconds == 0


def test_training_takes_a_second_a_window_however_long_all_else_takes(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=51)
    run = new_run(tmp_path / "runs", "first", corpus)
    now, events = 1000.0, list[AnyEvent]()

    def take_long(event: AnyEvent) -> None:
        nonlocal now
        events.append(event)
        if isinstance(event, Progress | Glimpse | Evaluated | CheckpointSaved):
            now += 1000

    def take_a_second() -> bool:
        nonlocal now
        now += 1
        return False

    journal = Journal(run.events_file, take_long)
    TrainingLoop(
        run,
        "tiny",
        corpus,
        trainer_of(run, corpus),
        journal=journal,
        stop_requested=take_a_second,
        past=RunState(training_seconds=7.0, finished_epochs_seconds=7.0),
        clock=lambda: now,
    ).train()

    windows, words = 25, 3 * 4
    progress = [event for event in events if isinstance(event, Progress)]
    finished = [event for event in events if isinstance(event, EpochFinished)]
    (end,) = (event for event in events if isinstance(event, RunFinished))
    assert [event.words_per_second for event in progress] == [words] * len(progress)
    assert [event.training_seconds for event in progress[:2]] == [8, 9]
    assert progress[0].seconds_left == 2 * windows - 1
    assert progress[-1].seconds_left == 0
    assert [event.training_seconds for event in finished] == [windows, windows]
    assert [event.words_per_second for event in finished] == [words, words]
    assert end.training_seconds == 7 + 2 * windows


def test_waiting_for_the_device_is_training(tmp_path: Path) -> None:
    """On CUDA a window is only launched; it takes its second when the losses are read, which waits for it."""
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=251)
    run = new_run(tmp_path / "runs", "first", corpus, "training.num_steps=1", "training.save_minutes=10")
    now, launched, events = 1000.0, 0, list[AnyEvent]()

    class OnCuda(Trainer):
        def train_window(self) -> None:
            nonlocal launched
            super().train_window()
            launched += 1

        def mean_nats(self) -> float:
            nonlocal now, launched
            now, launched = now + launched, 0
            return super().mean_nats()

    record = run.read_record()
    trainer = OnCuda(record.model, record.training, corpus)
    journal = Journal(run.events_file, events.append)
    TrainingLoop(
        run,
        "tiny",
        corpus,
        trainer,
        journal=journal,
        stop_requested=never,
        past=RunState(),
        clock=lambda: now,
    ).train()
    windows, words = 501, 3
    progress = [event for event in events if isinstance(event, Progress)]
    finished = [event for event in events if isinstance(event, EpochFinished)]
    (end,) = (event for event in events if isinstance(event, RunFinished))
    assert len(progress) < 2 * windows
    assert {event.words_per_second for event in progress} == {words}
    assert {event.words_per_second for event in finished} == {words}
    assert end.training_seconds == 2 * windows
