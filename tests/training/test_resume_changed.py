"""A run that is resumed with other settings, files, texts or machines."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from ptbterm.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import PtbtermError
from ptbterm.model.device import use_threads
from ptbterm.runs.events import (
    AnyEvent,
    EpochFinished,
    Evaluated,
    RunFinished,
    RunResumed,
    Warned,
)
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.summary import read_state
from ptbterm.training import session
from tests.training.resumed_runs import DROPOUT, finish
from tests.training.tiny_runs import (
    after_windows,
    checkpoints,
    encode,
    events_of,
    ignore,
    never,
    new_run,
    trained,
    write_corpus,
)

pytestmark = pytest.mark.process  # trains


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
    def after_another(run: Run) -> Iterator[Callable[[], None]]:
        with as_trainer(run) as check_in_place:
            run.write_record(more)
            yield check_in_place

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
