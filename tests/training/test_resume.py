"""A run that is stopped, killed or changed ends with the same bits as an uninterrupted one."""

import math
from itertools import count
from pathlib import Path

import pytest

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.events import (
    AnyEvent,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
)
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import preset_names, read_preset, resolve
from ptbterm.training import session
from tests.training.resumed_runs import DROPOUT, finish
from tests.training.tiny_runs import (
    after_windows,
    checkpoints,
    events_of,
    ignore,
    never,
    new_run,
    story,
    trained,
)

pytestmark = pytest.mark.process  # trains

WINDOWS = 9


def test_the_same_seed_gives_the_same_bits(tmp_path: Path, corpus: EncodedCorpus, undisturbed: Run) -> None:
    assert checkpoints(trained(tmp_path, "again", corpus, DROPOUT)) == checkpoints(undisturbed)


def test_another_seed_gives_others(tmp_path: Path, corpus: EncodedCorpus, undisturbed: Run) -> None:
    other = trained(tmp_path, "other", corpus, DROPOUT, "training.seed=2")
    assert set(checkpoints(other)).isdisjoint(checkpoints(undisturbed))


@pytest.mark.parametrize("stops", [[0], [1], [WINDOWS - 1], [WINDOWS], [WINDOWS + 4], [3, 0, 1, WINDOWS]])
def test_stopped_after_some_windows(
    tmp_path: Path, corpus: EncodedCorpus, undisturbed: Run, stops: list[int]
) -> None:
    run = new_run(tmp_path, "stopped", corpus, DROPOUT)
    done = 0
    for number, windows in enumerate(stops):
        stop = after_windows(windows)
        if number == 0:
            end = session.resume(run, [], corpus, ignore, stop)
        else:
            end = session.resume(run, [], corpus, ignore, stop)
        done += windows
        assert isinstance(end, RunStopped)
        assert (end.epoch - 1, end.window) == divmod(done, WINDOWS)
        assert end.checkpoint == "last.safetensors"
    finish(run, corpus)
    assert checkpoints(run) == checkpoints(undisturbed)


PATHS = ("notebook", "small", "fast", "minute")
"""Presets that take each path through the model and the training; the others differ in sizes and rates."""


def path(preset: str) -> tuple[object, ...]:
    settings = resolve(read_preset(preset)).settings
    model, training = settings.model, settings.training
    of_the_model = (model.shared_cell, model.tied, model.residual, model.dropout_mask)
    return (*of_the_model, training.optimizer, training.schedule, training.evaluation)


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_takes_one_of_the_paths(preset: str) -> None:
    assert path(preset) in map(path, PATHS)


@pytest.mark.parametrize("softmax", ["training.sampled_words=0", "training.sampled_words=8"])
@pytest.mark.parametrize("preset", PATHS)
def test_every_path_with_either_softmax_and_dropout(
    tmp_path: Path, corpus: EncodedCorpus, preset: str, softmax: str
) -> None:
    """Stopped in both epochs, saved by time in between; 18 windows each, the last half with the full softmax."""
    settings = (
        softmax,
        DROPOUT,
        "training.num_steps=2",
        "training.evaluation=stream",
        "training.full_softmax=0.5",
        "training.minutes=0",
    )
    undisturbed, run = (
        new_run(tmp_path, name, corpus, *settings, preset=read_preset(preset)) for name in ("one", "other")
    )
    session.resume(undisturbed, [], corpus, ignore, never)
    session.resume(run, [], corpus, ignore, after_windows(5))
    session.resume(run, ["training.save_minutes=1e-9"], corpus, ignore, after_windows(20))
    finish(run, corpus)
    assert checkpoints(run) == checkpoints(undisturbed)
    assert story(run) == story(undisturbed)


@pytest.mark.parametrize("stopped", [False, True])
def test_minutes_are_measured_once(tmp_path: Path, corpus: EncodedCorpus, stopped: bool) -> None:
    """Also where the first trainer died before it had measured them."""
    run = new_run(tmp_path, "minutes", corpus, DROPOUT, "training.minutes=0.01")
    if stopped:
        session.resume(run, [], corpus, ignore, after_windows(1))
    finish(run, corpus)
    windows = run.read_record().training.windows
    assert windows > 0
    (started,) = (event for event in events_of(run) if isinstance(event, RunStarted))
    assert started.epochs == math.ceil(windows / WINDOWS)
    same = trained(tmp_path, "windows", corpus, DROPOUT, f"training.windows={windows}")
    assert checkpoints(run) == checkpoints(same)
    assert story(run) == story(same)


def test_dead_at_any_moment(tmp_path: Path, small_corpus: EncodedCorpus) -> None:
    undisturbed = trained(tmp_path, "undisturbed", small_corpus, DROPOUT)
    expected, events = checkpoints(undisturbed), events_of(undisturbed)
    for moment, event in enumerate(events[:-1], 1):
        run = new_run(tmp_path, f"dead-at-{moment}", small_corpus, DROPOUT)
        counter = count(1)

        def die(_event: AnyEvent, counter: "count[int]" = counter, moment: int = moment) -> None:
            if next(counter) == moment:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            session.resume(run, [], small_corpus, die, never)
        finish(run, small_corpus)
        assert checkpoints(run) == expected, f"dead at {event}"
        assert story(run) == story(undisturbed)


def test_a_run_that_never_began_is_trained_from_its_beginning(
    tmp_path: Path, corpus: EncodedCorpus, undisturbed: Run
) -> None:
    run = new_run(tmp_path, "new", corpus, DROPOUT)
    finish(run, corpus)
    assert checkpoints(run) == checkpoints(undisturbed)
    assert [type(event) for event in events_of(run)] == [type(event) for event in events_of(undisturbed)]


def test_more_epochs(tmp_path: Path, corpus: EncodedCorpus, undisturbed: Run) -> None:
    run = trained(tmp_path, "short", corpus, DROPOUT, "training.epochs=1")
    end = session.resume(run, ["training.epochs=2"], corpus, ignore, never)
    assert isinstance(end, RunFinished)
    assert checkpoints(run) == checkpoints(undisturbed)
    assert run.read_record().training.epochs == 2
    resumed = [event for event in events_of(run) if isinstance(event, RunResumed)]
    assert [(event.epoch, event.window, event.changed) for event in resumed] == [(2, 0, {"training.epochs": 2})]


def test_a_finished_run_has_nothing_left_to_train(corpus: EncodedCorpus, undisturbed: Run) -> None:
    before = checkpoints(undisturbed), undisturbed.events_file.read_bytes()
    with pytest.raises(PtbtermError, match="Run undisturbed is finished; its last epoch was 2") as error:
        session.resume(undisturbed, [], corpus, ignore, never)
    assert error.value.next_step is NextStep.TRAIN_LONGER
    assert error.value.details == {"run": "undisturbed", "change": "training.epochs=3"}
    assert (checkpoints(undisturbed), undisturbed.events_file.read_bytes()) == before
