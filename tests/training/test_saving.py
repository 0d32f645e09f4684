"""Checkpoints by time and by epoch, of which two are kept; full disks and damaged files."""

import re
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ptbterm.checkpoints import load_checkpoint
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochFinished,
    Progress,
    RunFailed,
    RunFinished,
    Warned,
)
from ptbterm.runs.journal import Journal, read_events
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState
from ptbterm.terminal.text.hints import hint_for
from ptbterm.training import session
from ptbterm.training.loop import TrainingLoop
from tests.full_disk import full_disk
from tests.training.tiny_runs import (
    after_windows,
    checkpoints,
    events_of,
    ignore,
    never,
    new_run,
    story,
    tiny_corpus,
    trained,
    trainer_of,
)

pytestmark = pytest.mark.process  # trains

WINDOWS = 9
EACH_WINDOW = "training.save_minutes=1e-9"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=19)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> Run:
    return trained(tmp_path_factory.mktemp("runs"), "undisturbed", corpus)


@pytest.fixture
def run(tmp_path: Path, corpus: EncodedCorpus) -> Run:
    return new_run(tmp_path / "runs", "first", corpus)


@pytest.fixture
def stopped(run: Run, corpus: EncodedCorpus) -> Run:
    """Saved after each of six windows."""
    session.resume(run, [], corpus, ignore, after_windows(4))
    session.resume(run, [EACH_WINDOW], corpus, ignore, after_windows(2))
    return run


def position(file: Path) -> tuple[int, int]:
    place = load_checkpoint(file).position
    return place.epoch, place.window


def warnings(run: Run) -> list[Warned]:
    return [event for event in events_of(run) if isinstance(event, Warned)]


def end_as_if_undisturbed(run: Run, corpus: EncodedCorpus, undisturbed: Run) -> None:
    assert isinstance(session.resume(run, [], corpus, ignore, never), RunFinished)
    assert checkpoints(run) == checkpoints(undisturbed)
    assert story(run) == story(undisturbed)


def test_every_few_minutes_of_training_and_after_each_epoch(tmp_path: Path, corpus: EncodedCorpus) -> None:
    """A window takes a minute; a report and an evaluation take an hour each, which does not count."""
    run = new_run(tmp_path, "first", corpus, "training.save_minutes=4")
    now = 0.0

    def take_an_hour(event: AnyEvent) -> None:
        nonlocal now
        now += 3600 * isinstance(event, Progress | EpochFinished)

    def take_a_minute() -> bool:
        nonlocal now
        now += 60
        return False

    journal = Journal(run.events_file, take_an_hour)
    trainer = trainer_of(run, corpus)
    TrainingLoop(
        run,
        "tiny",
        corpus,
        trainer,
        journal=journal,
        stop_requested=take_a_minute,
        past=RunState(),
        clock=lambda: now,
    ).train()
    saved = [event for event in events_of(run) if isinstance(event, CheckpointSaved)]
    last = [(event.epoch, event.window) for event in saved if event.checkpoint == "last.safetensors"]
    assert last == [(1, 4), (1, 8), (2, 0), (2, 4), (2, 8), (3, 0)]


def test_the_last_two_are_kept(stopped: Run) -> None:
    assert position(stopped.last_checkpoint) == (1, 6)
    assert position(stopped.previous_checkpoint) == (1, 6)  # by time, and then again when it was stopped


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-100] ^= 4
    file.write_bytes(data)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def flip_version(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data.replace(rb"\"version\":1", rb"\"version\":3"))
    assert file.read_bytes() != data


@pytest.mark.parametrize("damage", [cut, flip, empty, flip_version])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    stopped: Run, corpus: EncodedCorpus, undisturbed: Run, damage: Callable[[Path], None]
) -> None:
    damage(stopped.last_checkpoint)
    damaged = stopped.last_checkpoint.read_bytes()
    end_as_if_undisturbed(stopped, corpus, undisturbed)
    (warning,) = warnings(stopped)
    assert warning.message.startswith(f"Checkpoint {stopped.last_checkpoint} can't be read: ")
    assert warning.hint == "Resumed from the previous checkpoint, after window 6 of epoch 1."
    assert stopped.damaged_checkpoint.read_bytes() == damaged


def test_killed_just_when_the_last_took_the_place_of_the_one_before(
    stopped: Run, corpus: EncodedCorpus, undisturbed: Run
) -> None:
    stopped.last_checkpoint.replace(stopped.previous_checkpoint)
    end_as_if_undisturbed(stopped, corpus, undisturbed)
    assert warnings(stopped) == []


def test_where_both_are_damaged_nothing_is_done(stopped: Run, corpus: EncodedCorpus) -> None:
    for file in (stopped.last_checkpoint, stopped.previous_checkpoint):
        flip(file)
    before = stopped.events_file.read_bytes()
    with pytest.raises(PtbtermError, match="its checksum does not match") as error:
        session.resume(stopped, [], corpus, ignore, never)
    assert "delete" not in hint_for(error.value)
    assert hint_for(error.value).endswith(f"ptbterm train --preset {stopped.settings_file}")
    stopped.best_checkpoint.write_bytes(b"")
    with pytest.raises(PtbtermError) as error:
        session.resume(stopped, [], corpus, ignore, never)
    assert f"The weights of its best epoch, {stopped.best_checkpoint}, are not affected." in error.value.hint
    stopped.best_checkpoint.unlink()
    assert stopped.events_file.read_bytes() == before


def test_a_last_checkpoint_of_another_version_is_no_damage(stopped: Run, corpus: EncodedCorpus) -> None:
    """Its digest is not that of our own version: more than the digit is another's."""
    flip_version(stopped.last_checkpoint)
    data = stopped.last_checkpoint.read_bytes()
    later = re.sub(rb'sha256\\":\\"[0-9a-f]{64}', b'sha256\\\\":\\\\"' + 64 * b"0", data)
    assert later != data
    stopped.last_checkpoint.write_bytes(later)
    with pytest.raises(PtbtermError, match=r"last\.safetensors is not in format 1") as error:
        session.resume(stopped, [], corpus, ignore, never)
    assert error.value.next_step is NextStep.RETRAIN
    assert error.value.details == {"settings_file": str(stopped.settings_file)}
    assert stopped.last_checkpoint.read_bytes() == later


def test_damaged_best_weights_are_replaced_by_the_last_with_a_warning(stopped: Run, corpus: EncodedCorpus) -> None:
    def damage(event: AnyEvent) -> None:
        last = isinstance(event, CheckpointSaved) and event.checkpoint == "last.safetensors" and event.epoch == 3
        if last and not warnings(stopped):
            flip(stopped.best_checkpoint)

    end = session.resume(stopped, [], corpus, damage, never)
    assert isinstance(end, RunFinished)
    assert end.best_epoch == 2
    assert load_checkpoint(stopped.best_checkpoint).position == load_checkpoint(stopped.last_checkpoint).position
    (warning,) = warnings(stopped)
    assert warning.hint == "The weights of the last epoch are used instead."


@pytest.mark.parametrize("room_for_events", [100, 100_000])
def test_a_full_disk_keeps_saved_files_and_ends_in_one_sentence(
    tmp_path: Path, corpus: EncodedCorpus, room_for_events: int
) -> None:
    large = "model.hidden_size=64"
    undisturbed, run = trained(tmp_path, "one", corpus, large), new_run(tmp_path, "other", corpus, large)
    session.resume(run, [], corpus, ignore, after_windows(4))
    before = run.last_checkpoint.read_bytes()
    room = run.events_file.stat().st_size + room_for_events
    assert room < len(before)
    with full_disk(room), pytest.raises(PtbtermError, match=r"can't be written: .*File too large") as error:
        session.resume(run, [], corpus, ignore, never)
    assert (error.value.next_step, error.value.details) == (NextStep.RESUME, {"run": "other"})
    assert run.last_checkpoint.read_bytes() == before
    *_, last = read_events(run.events_file)
    assert isinstance(last, RunFailed) == (room_for_events == 100_000)
    end_as_if_undisturbed(run, corpus, undisturbed)


@pytest.mark.parametrize("refused_from", [(1, 2), (1, 8), (2, 3)])
def test_a_disk_that_was_full_for_a_while(
    tmp_path: Path, corpus: EncodedCorpus, undisturbed: Run, refused_from: tuple[int, int]
) -> None:
    """Full from one progress event to the third-last: the best weights are saved in the end."""
    run = new_run(tmp_path, "first", corpus, EACH_WINDOW)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    received: list[AnyEvent] = []

    def fill(event: AnyEvent) -> None:
        received.append(event)
        if isinstance(event, Progress) and (event.epoch, event.window) == refused_from:
            resource.setrlimit(resource.RLIMIT_FSIZE, (run.events_file.stat().st_size + 500, hard))
        if isinstance(event, Progress) and (event.epoch, event.window) == (2, 6):
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    try:
        assert isinstance(session.resume(run, [], corpus, fill, never), RunFinished)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert checkpoints(run) == checkpoints(undisturbed)
    assert story(run) == story(undisturbed)
    assert events_of(run) == received
    assert {warning.hint for warning in warnings(run)} <= {
        "Training continues; saving is tried again.",
        "Training continues; events are kept in memory until there is room.",
    }
    assert warnings(run)


def test_a_folder_that_is_gone_ends_the_training_in_one_sentence(run: Run, corpus: EncodedCorpus) -> None:
    def vanish(event: AnyEvent) -> None:
        if isinstance(event, EpochFinished):
            shutil.rmtree(run.path)

    with pytest.raises(PtbtermError, match="was renamed, replaced or deleted while it was training"):
        session.resume(run, [], corpus, vanish, never)
    assert not run.path.exists()


def test_checkpoints_that_can_never_be_written(run: Run, corpus: EncodedCorpus) -> None:
    run.last_checkpoint.parent.rmdir()
    run.last_checkpoint.parent.write_text("in the way")
    with pytest.raises(PtbtermError, match="can't be written: Not a directory"):
        session.resume(run, [], corpus, ignore, never)
    assert len(warnings(run)) == 2  # one an epoch
    assert isinstance(events_of(run)[-1], RunFailed)


def test_best_of_another_past_is_not_taken_for_best(run: Run, corpus: EncodedCorpus) -> None:
    """Killed when best was saved and last was not; then the run takes another course."""

    def die(event: AnyEvent) -> None:
        if isinstance(event, CheckpointSaved) and (event.checkpoint, event.epoch) == ("best.safetensors", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.resume(run, [], corpus, die, never)
    end = session.resume(run, ["training.learning_rate=20"], corpus, ignore, never)
    assert isinstance(end, RunFinished)
    assert end.best_epoch == load_checkpoint(run.best_checkpoint).position.best_epoch
