"""Run directories: their names, how they are created, found and locked."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ptbterm.corpus.checksums import sha256_of
from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import create_run, find_run, list_runs, run_name
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from ptbterm.terminal.text.hints import hint_for
from tests.examples.events import ODD_RECORD
from tests.runs.run_examples import make

TODAY = date(2026, 11, 23)


def make_trained(runs: Path, name: str, modified: int) -> Run:
    run = make(runs, name)
    run.last_checkpoint.write_bytes(b"")
    os.utime(run.last_checkpoint, (modified, modified))
    return run


def refusal(runs: Path, wanted: str | None) -> PtbtermError:
    with pytest.raises(PtbtermError) as error:
        find_run(runs, wanted)
    return error.value


@pytest.mark.parametrize(
    ("preset", "corpus", "beginning"),
    [
        ("small", "ptb", "small-ptb-2026-11-23-"),
        ("small", "/my texts/The News.txt", "small-The-News-2026-11-23-"),
        ("small", "/texts/\u65b0\u805e.txt", "small-2026-11-23-"),
    ],
)
def test_names(preset: str, corpus: str, beginning: str) -> None:
    name = run_name(preset, corpus, TODAY)
    ending = name.removeprefix(beginning)
    assert len(ending) == 4
    assert ending.isalnum()
    assert name != run_name(preset, corpus, TODAY)


@hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(preset=st.text(), corpus=st.text(min_size=1))
def test_every_made_up_name_can_be_used(tmp_path: Path, preset: str, corpus: str) -> None:
    name = run_name(preset, corpus, TODAY)
    assert make(tmp_path, name).name == name


def test_a_new_run_has_all_its_files(runs: Path) -> None:
    run = make(runs, "first")
    assert run.path == runs / "first"
    assert {str(path.relative_to(run.path)) for path in run.path.rglob("*")} == {
        "settings.toml",
        "vocabulary.txt",
        "word_counts.txt",
        "checkpoints",
    }
    assert run.vocabulary_file.read_text() == "the\n<unk>\n<eos>\n"
    record = run.read_record()
    assert record.settings == ODD_RECORD.settings
    assert record.run.vocabulary_sha256 == sha256_of(run.vocabulary_file)
    assert list(runs.iterdir()) == [run.path]


def test_a_run_that_cannot_be_written_leaves_nothing(runs: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        create_run(runs, "first", msgspec.structs.replace(ODD_RECORD, preset="\udce9"), "")
    assert list(runs.iterdir()) == []


@pytest.mark.parametrize("taken_by", ["a run", "a file", "a folder"])
def test_a_taken_name_is_refused(runs: Path, taken_by: str) -> None:
    runs.mkdir()
    if taken_by == "a run":
        make(runs, "first")
    elif taken_by == "a file":
        (runs / "first").write_text("")
    else:
        (runs / "first").mkdir()
    with pytest.raises(PtbtermError, match="first already exists") as error:
        make(runs, "first")
    resume = " Resume that run: ptbterm resume first" if taken_by == "a run" else ""
    assert hint_for(error.value) == f"Choose another name.{resume}"


MAKER = """
import sys
from pathlib import Path
from tests.examples.events import ODD_RECORD
from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import create_run
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    try:
        create_run(Path(sys.argv[1]), f"run-{number}", ODD_RECORD, sys.argv[2])
        print("made", flush=True)
    except PtbtermError as error:
        print(error.message, flush=True)
"""


@pytest.mark.process
def test_of_two_who_make_a_run_at_the_same_moment_one_is_refused(runs: Path) -> None:
    """Fifty times, because the first one varies."""
    command = [sys.executable, "-c", MAKER, str(runs)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    makers = [subprocess.Popen([*command, mine], **pipes) for mine in ("ours", "theirs")]  # type: ignore[call-overload]
    for maker in makers:
        assert maker.stdout.readline() == "ready\n"
    for maker in makers:
        maker.stdin.write("go\n")
        maker.stdin.flush()
    ours, theirs = (maker.communicate()[0].splitlines() for maker in makers)
    for number, (ours_result, theirs_result) in enumerate(zip(ours, theirs, strict=True)):
        name = f"run-{number}"
        assert {ours_result, theirs_result} == {"made", f"A run named {name} already exists."}
        assert Run(runs / name).vocabulary_file.read_text() == ("ours" if ours_result == "made" else "theirs")
    assert len(list(runs.iterdir())) == 50


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-v", "a/b", "../up", "a b", "caf\u00e9", "a\n", "x" * 101]
)
def test_invalid_names(runs: Path, name: str) -> None:
    with pytest.raises(PtbtermError, match="is not a valid name for a run"):
        make(runs, name)
    assert not runs.exists()


@pytest.mark.parametrize("wanted", ["small-a", "small-a-1", "large", "l", None])
def test_found_by_name_by_unique_prefix_or_as_the_newest(runs: Path, wanted: str | None) -> None:
    expected = {
        "small-a": make_trained(runs, "small-a", modified=3),
        "small-a-1": make_trained(runs, "small-a-1", modified=1),
        "large": make_trained(runs, "large", modified=2),
    }
    make(runs, "untrained")
    expected["l"] = expected["large"]
    assert find_run(runs, wanted) == (expected[wanted] if wanted else expected["small-a"])


def test_found_by_path(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = make(tmp_path / "elsewhere", "copied")
    assert find_run(runs, str(elsewhere.path)) == elsewhere
    monkeypatch.chdir(elsewhere.path)
    assert find_run(runs, ".") == elsewhere


def test_more_than_one_begins_so(runs: Path) -> None:
    make(runs, "small-a")
    make(runs, "small-b")
    error = refusal(runs, "small")
    assert error.message == "'small' is ambiguous: it matches 2 runs: small-a, small-b."


def test_no_run_matches(runs: Path) -> None:
    assert "ptbterm train" in hint_for(refusal(runs, None))
    assert "ptbterm train" in hint_for(refusal(runs, "small"))
    make(runs, "small-ptb")
    assert "No trained model" in refusal(runs, None).message
    assert hint_for(refusal(runs, "smal-ptb")) == "Did you mean small-ptb? List the runs: ptbterm runs"
    assert hint_for(refusal(runs, "zzz")) == "List the runs: ptbterm runs"


def test_only_runs_are_listed(runs: Path) -> None:
    assert list_runs(runs) == []
    second, first = make(runs, "b"), make(runs, "a")
    (runs / "notes.txt").write_text("")
    (runs / "empty").mkdir()
    assert list_runs(runs) == [first, second]


def test_the_half_made_run_of_a_killed_process_is_not_listed(runs: Path) -> None:
    make(runs, "first").path.rename(runs / ".first.4711.part")
    assert list_runs(runs) == []


def test_partial_files_of_a_killed_trainer_are_removed_by_the_next(runs: Path) -> None:
    run = make(runs, "first")
    record = run.read_record()
    run.last_checkpoint.write_bytes(b"whole")
    for name in (".settings.toml.4711.part", "checkpoints/.last.safetensors.4711.part", "checkpoints/.tmpJfy36L"):
        (run.path / name).write_bytes(b"half")
    with as_trainer(run):
        assert [file.name for file in run.path.rglob(".*")] == []
    assert run.last_checkpoint.read_bytes() == b"whole"
    assert run.read_record() == record


def test_files_of_others_are_left_alone(runs: Path) -> None:
    run = make(runs, "first")
    names = {".gitignore", ".notes", ".nfs0001", ".best.safetensors.part"}
    for name in names:
        (run.last_checkpoint.parent / name).write_text("mine")
    for name in (".trash", ".tmpAbc123", ".last.safetensors.4711.part"):
        (run.last_checkpoint.parent / name).mkdir()
    (run.path / ".settings.toml.4711.part").mkdir()
    with as_trainer(run):
        pass
    assert {file.name for file in run.last_checkpoint.parent.iterdir() if file.is_file()} == names
    assert len([file for file in run.path.rglob(".*") if file.is_dir()]) == 4


def test_checkpoints_behind_a_link_are_refused(runs: Path, tmp_path: Path) -> None:
    run = make(runs, "first")
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / ".last.safetensors.4711.part").write_text("mine")
    run.last_checkpoint.parent.rmdir()
    run.last_checkpoint.parent.symlink_to(treasure)
    with pytest.raises(PtbtermError, match="checkpoints is a symbolic link"), as_trainer(run):
        pass
    assert [file.name for file in treasure.iterdir()] == [".last.safetensors.4711.part"]


def test_the_best_checkpoint_is_the_one_to_use_else_the_last(runs: Path) -> None:
    run = make(runs, "first")
    with pytest.raises(PtbtermError, match="Run first has no checkpoint yet") as error:
        run.checkpoint_to_use()
    assert hint_for(error.value).endswith("If it is not training, train it further: ptbterm resume first")
    run.previous_checkpoint.write_bytes(b"")
    assert run.checkpoint_to_use() == run.previous_checkpoint  # killed just when the last took its place
    run.last_checkpoint.write_bytes(b"")
    assert run.checkpoint_to_use() == run.last_checkpoint
    run.best_checkpoint.write_bytes(b"")
    assert run.checkpoint_to_use() == run.best_checkpoint
