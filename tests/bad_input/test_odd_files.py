"""Folders, pipes, devices and links in place of files: refused at once, by name, and never waited for."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.journal import Follower, read_events
from ptbterm.runs.lock import as_trainer, is_training, trainer
from ptbterm.runs.run import Run
from tests.bad_input.readers import READERS
from tests.commands import Command

pytestmark = pytest.mark.process  # runs every command on every odd file

Make = Callable[[Path], object]


def pipe(place: Path) -> None:
    os.mkfifo(place)


def device(place: Path) -> None:
    place.symlink_to("/dev/zero")


def loop(place: Path) -> None:
    place.symlink_to(place)


def nowhere(place: Path) -> None:
    place.symlink_to(place.with_name("nothing"))


ODD: list[Make] = [Path.mkdir, pipe, device, loop, nowhere]
odd = pytest.mark.parametrize("make", ODD, ids=[make.__name__ for make in ODD])


@pytest.fixture(autouse=True)
def impatience() -> Iterator[None]:
    """Fail a test that waits for a pipe or reads a device without end."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@odd
@pytest.mark.parametrize("name", ["checkpoint", "settings", "preset", "vocabulary"])
def test_anything_but_a_regular_file_is_refused_by_name(name: str, make: Make, tmp_path: Path) -> None:
    reader = READERS[name]
    make(tmp_path / reader.file)
    with pytest.raises(PtbtermError, match=reader.file):
        reader.read(tmp_path / reader.file)


@odd
def test_a_corpus_that_is_not_text(make: Make, tmp_path: Path) -> None:
    make(tmp_path / "news")
    with pytest.raises(PtbtermError, match=r"No corpus found at |has no train text|is not a valid path"):
        READERS["corpus"].read(tmp_path / "news")


@odd
def test_a_log_that_is_not_a_file_is_empty_to_viewers_and_refused_by_writers(make: Make, tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    make(log)
    assert Follower(log).read().events == []
    with pytest.raises(PtbtermError, match=r"events\.jsonl"):
        list(read_events(log))


@odd
def test_without_its_file_the_trainer_is_unknown(make: Make, tmp_path: Path) -> None:
    run = Run(tmp_path)
    with as_trainer(run):
        run.trainer_file.unlink()
        make(run.trainer_file)
        assert trainer(run) is None
    run.lock_file.unlink(missing_ok=True)
    make(run.lock_file)
    assert not is_training(run)


@odd
@pytest.mark.parametrize(
    "file",
    [
        *("settings.toml", "vocabulary.txt", "events.jsonl", "trainer.json", "trainer.lock", "trainer.log"),
        *("checkpoints/best.safetensors", "checkpoints/last.safetensors"),
    ],
)
def test_every_command_ends_if_a_file_of_a_run_is_not_a_file(
    ptbterm: Command, tiny_run: Path, file: str, make: Make
) -> None:
    (tiny_run / file).unlink(missing_ok=True)
    make(tiny_run / file)
    commands = [
        *(["runs"], ["runs", "show", "tiny"], ["watch", "tiny", "--view", "plain"], ["eval", "tiny"]),
        ["resume", "tiny", "--set", "training.epochs=3", "--view", "plain"],
    ]
    for command in commands:
        result = ptbterm(*command)
        assert result.exit_code == 0 or [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
        assert "Traceback" not in result.stderr


@odd
@pytest.mark.parametrize(("file", "view"), [("events.jsonl", "plain"), ("trainer.log", "log")])
def test_a_trainer_writes_into_files_alone(
    ptbterm: Command, tiny_run: Path, file: str, view: str, make: Make
) -> None:
    (tiny_run / file).unlink(missing_ok=True)
    make(tiny_run / file)
    result = ptbterm("resume", "tiny", "--set", "training.epochs=3", "--view", view)
    assert (result.exit_code, result.stdout) == (1, "")
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert file in error
    assert not (tiny_run / "nothing").exists()


@pytest.mark.parametrize(
    ("file", "view"), [("events.jsonl", "plain"), ("trainer.log", "log"), ("trainer.lock", "none")]
)
def test_a_trainer_writes_through_no_link(
    ptbterm: Command, tiny_run: Path, tmp_path: Path, file: str, view: str
) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_text("gold\nand half a line")
    (tiny_run / file).unlink(missing_ok=True)
    (tiny_run / file).symlink_to(treasure)
    result = ptbterm("resume", "tiny", "--set", "training.epochs=3", "--view", view)
    assert (result.exit_code, result.stdout) == (1, "")
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert file in error
    assert treasure.read_text() == "gold\nand half a line"


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "x" * 300, "", ".", "..", "\udce9", "~nobody"])
def test_odd_names_are_refused_by_every_option_that_takes_one(ptbterm: Command, tiny_run: Path, name: str) -> None:
    for command in (
        ["runs", "show", name],
        ["eval", "tiny", "--corpus", name],
        ["train", "--preset", name],
        ["train", "--corpus", name, "--preset", "small"],
        ["train", "--corpus", "demo", "--view", "plain", "--name", name or "-"],
        ["score", name or "no file", "--run", "tiny"],
    ):
        result = ptbterm(*command)
        assert result.exit_code in {1, 2}
        assert result.stdout == ""
        assert result.stderr.replace("\n", "").isprintable()
    assert [run.name for run in tiny_run.parent.iterdir()] == ["tiny"]


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    for name in ("checkpoint", "settings", "preset", "vocabulary", "corpus"):
        reader = READERS[name]
        (tmp_path / f"whole {name}").write_bytes(reader.valid)
        (tmp_path / reader.file).symlink_to(tmp_path / f"whole {name}")
        reader.read(tmp_path / reader.file)
