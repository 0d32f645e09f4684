"""A run that is stopped, killed or changed ends with the same bits as an uninterrupted one."""

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from ptbterm.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.model.device import use_threads
from ptbterm.runs.events import (
    AnyEvent,
    EpochFinished,
    Evaluated,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    Warned,
)
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.summary import read_state
from ptbterm.settings.resolve import preset_names, read_preset, resolve
from ptbterm.training import session
from tests.training.tiny_runs import (
    after_windows,
    checkpoints,
    encode,
    events_of,
    ignore,
    never,
    new_run,
    story,
    tiny_corpus,
    trained,
    write_corpus,
)

DROPOUT = "model.keep_prob=0.5"
WINDOWS = 9


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=19)


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("small corpus"), train_sentences=5)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> Run:
    return trained(tmp_path_factory.mktemp("runs"), "undisturbed", corpus, DROPOUT)


def finish(run: Run, corpus: EncodedCorpus) -> None:
    assert isinstance(session.resume(run, [], corpus, ignore, never), RunFinished)


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
    with pytest.raises(PtbtermError, match="Run undisturbed has finished its 2 epochs") as error:
        session.resume(undisturbed, [], corpus, ignore, never)
    assert error.value.next_step is NextStep.TRAIN_LONGER
    assert error.value.details == {"run": "undisturbed", "change": "training.epochs=3"}
    assert (checkpoints(undisturbed), undisturbed.events_file.read_bytes()) == before


def test_a_change_that_is_refused_changes_nothing(tmp_path: Path, corpus: EncodedCorpus) -> None:
    run = new_run(tmp_path, "stopped", corpus)
    session.resume(run, [], corpus, ignore, after_windows(1))
    before = run.settings_file.read_bytes(), run.events_file.read_bytes()
    with pytest.raises(PtbtermError, match="hidden_size can't be changed"):
        session.resume(run, ["model.hidden_size=9"], corpus, ignore, never)
    assert (run.settings_file.read_bytes(), run.events_file.read_bytes()) == before


def test_a_text_that_changed_since_is_refused(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "news", train_sentences=5)
    run = new_run(tmp_path / "runs", "stopped", encode(folder))
    session.resume(run, [], encode(folder), ignore, after_windows(1))
    before = run.events_file.read_bytes()
    write_corpus(folder, train_sentences=5, seed=1)
    with pytest.raises(PtbtermError) as error:
        session.resume(run, [], encode(folder), ignore, never)
    assert error.value.message == "The text of news is not the one that run stopped was trained on."
    assert run.events_file.read_bytes() == before


@pytest.mark.parametrize("kill_after", ["the event", "the settings"])
def test_killed_between_the_event_and_the_settings_of_a_change(
    tmp_path: Path, small_corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch, kill_after: str
) -> None:
    """The next resume applies the change without being given it again."""
    run = trained(tmp_path, "changed", small_corpus)
    write_record = Run.write_record

    def die_after_event(event: AnyEvent) -> None:
        if kill_after == "the event" and isinstance(event, RunResumed):
            raise KeyboardInterrupt

    def die_after_settings(run: Run, record: RunRecord) -> None:
        write_record(run, record)
        if kill_after == "the settings":
            raise KeyboardInterrupt

    changes = ["training.epochs=4", "training.decay=0.25"]
    monkeypatch.setattr(Run, "write_record", die_after_settings)
    with pytest.raises(KeyboardInterrupt):
        session.resume(run, changes, small_corpus, die_after_event, never)
    monkeypatch.undo()
    finish(run, small_corpus)
    settings = run.read_record().training
    assert (settings.epochs, settings.decay) == (4, 0.25)
    assert read_state(run).total_epochs == 4
    assert {"training.epochs": 4, "training.decay": 0.25} in [
        event.changed for event in events_of(run) if isinstance(event, RunResumed)
    ]


def test_manual_changes_after_a_resume_are_kept(tmp_path: Path, small_corpus: EncodedCorpus) -> None:
    run = new_run(tmp_path, "edited", small_corpus)
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    session.resume(run, ["training.epochs=9"], small_corpus, ignore, after_windows(1))
    record = run.read_record()
    run.write_record(msgspec.structs.replace(record, training=msgspec.structs.replace(record.training, epochs=1)))
    finish(run, small_corpus)
    assert run.read_record().training.epochs == 1


def test_settings_are_read_after_the_lock_is_taken(
    tmp_path: Path, small_corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trainer that held the lock before may have changed them."""
    run = new_run(tmp_path, "shared", small_corpus)
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    record = run.read_record()
    more = msgspec.structs.replace(record, training=msgspec.structs.replace(record.training, epochs=5))

    @contextmanager
    def after_another(run: Run) -> Iterator[None]:
        with as_trainer(run):
            run.write_record(more)
            yield

    monkeypatch.setattr(session, "as_trainer", after_another)
    finish(run, small_corpus)
    assert run.read_record() == more


@pytest.mark.parametrize(
    ("first", "change"),
    [
        ({"torch": "2.4.0"}, "torch 2.4.0, now "),
        ({"device": "cuda"}, "device cuda, now cpu."),
        ({"threads": 7}, "threads 7, now 1."),
    ],
)
def test_a_warning_if_the_machine_has_changed(
    tmp_path: Path, small_corpus: EncodedCorpus, first: dict[str, object], change: str
) -> None:
    run = new_run(tmp_path, "moved", small_corpus)
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    assert not [event for event in events_of(run) if isinstance(event, Warned)]
    record = run.read_record()
    run.write_record(msgspec.structs.replace(record, run=msgspec.structs.replace(record.run, **first)))
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    (warning,) = [event for event in events_of(run) if isinstance(event, Warned)]
    assert warning.message.startswith(f"Run moved was trained with {change}")
    assert warning.hint == "Training continues; the result may not be bit-identical to an uninterrupted run."


@pytest.mark.parametrize("damage", ["cut", "another word", "gone"])
def test_a_damaged_vocabulary_is_found_before_hours_of_training(
    tmp_path: Path, small_corpus: EncodedCorpus, damage: str
) -> None:
    run = new_run(tmp_path, "stopped", small_corpus)
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    before, text = run.events_file.read_bytes(), run.vocabulary_file.read_text()
    if damage == "gone":
        run.vocabulary_file.unlink()
    else:
        run.vocabulary_file.write_text(text[:-3] if damage == "cut" else text.replace("company", "Company"))
    with pytest.raises(PtbtermError, match=r"vocabulary\.txt"):
        session.resume(run, [], small_corpus, ignore, never)
    assert run.events_file.read_bytes() == before


def test_best_is_the_epoch_with_the_lowest_valid_perplexity(tmp_path: Path, small_corpus: EncodedCorpus) -> None:
    run = trained(
        tmp_path, "worse", small_corpus, "training.epochs=3", "training.decay=1", "training.learning_rate=12"
    )
    finished = [event for event in events_of(run) if isinstance(event, EpochFinished)]
    valid = [event.valid_perplexity for event in finished]
    best = valid.index(min(valid)) + 1
    assert best < 3
    assert [event.best for event in finished] == [
        value == min(valid[:number]) for number, value in enumerate(valid, 1)
    ]
    *_, test, end = events_of(run)
    assert isinstance(end, RunFinished)
    assert (end.best_epoch, end.best_valid_perplexity, end.checkpoint) == (best, min(valid), "best.safetensors")
    assert isinstance(test, Evaluated)
    assert (test.split, test.epoch) == ("test", best)

    shorter = trained(
        tmp_path,
        "shorter",
        small_corpus,
        f"training.epochs={best}",
        "training.decay=1",
        "training.learning_rate=12",
    )
    (*_, same_test, _) = events_of(shorter)
    assert isinstance(same_test, Evaluated)
    assert test.perplexity == same_test.perplexity
    assert run.best_checkpoint.read_bytes() == shorter.best_checkpoint.read_bytes()


def test_a_new_epoch_begins_with_a_zero_state(undisturbed: Run) -> None:
    position, tensors = (
        load_checkpoint(undisturbed.last_checkpoint).position,
        load_file(undisturbed.last_checkpoint),
    )
    assert (position.epoch, position.window) == (3, 0)
    assert not tensors["lstm_state.h"].any()
    assert not tensors["lstm_state.c"].any()
    assert not tensors["cost_sum"].any()


def rewrite(run: Run, **changed: torch.Tensor | None) -> None:
    """Write other tensors into the last checkpoint; one that is None is left out."""
    whole = load_checkpoint(run.last_checkpoint)
    tensors = {name: tensor for name, tensor in (dict(whole.tensors) | changed).items() if tensor is not None}
    save_checkpoint(Checkpoint(tensors, whole.position), run.last_checkpoint)


def test_on_another_kind_of_device_the_random_streams_start_again(tmp_path: Path, corpus: EncodedCorpus) -> None:
    """A CUDA generator's state has 16 bytes. Two runs resumed from one are equal, but not as uninterrupted."""
    ends = []
    for name, has_moved in (("stayed", False), ("one", True), ("other", True)):
        run = new_run(tmp_path, name, corpus, DROPOUT)
        session.resume(run, [], corpus, ignore, after_windows(4))
        if has_moved:
            dropout, candidates = torch.zeros(2, 16, dtype=torch.uint8).unbind()
            rewrite(run, dropout_stream=dropout.clone(), candidates_stream=candidates.clone())
        finish(run, corpus)
        warnings = [event.message for event in events_of(run) if isinstance(event, Warned)]
        message = "The checkpoint's random streams are of another device than cpu and start again."
        assert warnings == [message] * has_moved
        ends.append(checkpoints(run))
    stayed, one, other = ends
    assert stayed != one == other


WRONG = "last.safetensors does not fit the settings of its run: "


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"lstm_state.h": None}, r"lstm_state\.h of shape \[2, 3, 8\] \(torch\.float32\) is missing\."),
        ({"lstm_state.h": torch.zeros(2, 20, 8)}, r"expected lstm_state\.h of .*, not \[2, 20, 8\]"),
        ({"cost_sum": torch.zeros(1)}, r"expected cost_sum of shape \[\] \(torch\.float64\), not \[1\]"),
        ({"dropout_stream": None}, r"dropout_stream of shape \[5056\] \(torch\.uint8\) is missing\."),
        ({"dropout_stream": torch.zeros(5056, dtype=torch.uint8)}, "invalid state of a random stream"),
        ({"optimizer.exp_avg.embedding": None}, r"optimizer\.exp_avg\.embedding of shape .* is missing"),
    ],
)
def test_training_state_of_another_training_is_refused(
    tmp_path: Path, small_corpus: EncodedCorpus, changed: dict[str, torch.Tensor | None], reason: str
) -> None:
    run = new_run(tmp_path, "stopped", small_corpus, "training.optimizer=adamw")
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    rewrite(run, **changed)
    before = run.last_checkpoint.read_bytes(), run.events_file.read_bytes()
    with pytest.raises(PtbtermError, match=WRONG + reason):
        session.resume(run, [], small_corpus, ignore, never)
    assert (run.last_checkpoint.read_bytes(), run.events_file.read_bytes()) == before


def test_a_window_that_the_text_does_not_have(tmp_path: Path, small_corpus: EncodedCorpus) -> None:
    run = new_run(tmp_path, "stopped", small_corpus)
    session.resume(run, [], small_corpus, ignore, after_windows(1))
    whole = load_checkpoint(run.last_checkpoint)
    position = msgspec.structs.replace(whole.position, window=1000)
    save_checkpoint(Checkpoint(whole.tensors, position), run.last_checkpoint)
    with pytest.raises(PtbtermError, match=WRONG + r"window 1000 of 2\."):
        session.resume(run, [], small_corpus, ignore, never)


def test_two_threads_and_layers_large_enough_to_share_out(tmp_path: Path) -> None:
    """Four windows of the preset small, over 700 words: two threads share out products and sums."""
    chance = random.Random(1)
    (tmp_path / "news").mkdir()
    for split, sentences in {"train": 30, "valid": 2, "test": 2}.items():
        lines = [" ".join(f"w{chance.randrange(2000)}" for _ in range(30)) for _ in range(sentences)]
        (tmp_path / "news" / f"{split}.txt").write_text("\n".join(lines))
    corpus = encode(tmp_path / "news")
    settings = ("model.hidden_size=200", "training.batch_size=20", "training.num_steps=10", "training.epochs=1")
    threads = use_threads(0)
    try:
        undisturbed = trained(tmp_path, "one", corpus, *settings, DROPOUT, "training.threads=2")
        run = new_run(tmp_path, "other", corpus, *settings, DROPOUT, "training.threads=2")
        session.resume(run, [], corpus, ignore, after_windows(2))
        finish(run, corpus)
    finally:
        use_threads(threads)
    assert checkpoints(run) == checkpoints(undisturbed)
