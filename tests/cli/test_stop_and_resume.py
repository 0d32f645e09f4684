"""Ctrl-C, a closed pipe, `ptbterm resume`: real processes, stopped for real."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import Command, Process, train
from tests.examples.texts import TINY, write_corpus

LONG = [*TINY, "--set", "model.keep_prob=0.8"]


@pytest.fixture(scope="module")
def long_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("long") / "letters", repeats=120)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, long_corpus: Path) -> Path:
    """An uninterrupted run of the long corpus."""
    home = tmp_path_factory.mktemp("undisturbed")
    train(home, "--corpus", long_corpus, *LONG, "--name", "undisturbed")
    return home / "runs" / "undisturbed"


def has_the_weights_of(run: Path, other: Path) -> bool:
    files = [f"checkpoints/{name}.safetensors" for name in ("last", "best")]
    return all((run / file).read_bytes() == (other / file).read_bytes() for file in files)


def events(run: Path) -> Iterator[dict[str, object]]:
    return map(json.loads, (run / "events.jsonl").read_text().splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_and_resume_ends_with_the_bits_of_an_undisturbed_run(
    ptbterm: Command, process: Process, home: Path, long_corpus: Path, undisturbed: Path, number: signal.Signals
) -> None:
    trainer = process("train", "--corpus", long_corpus, *LONG, "--name", "disturbed")
    assert trainer.stdout is not None
    for line in trainer.stdout:
        if "perplexity" in line:
            break
    trainer.send_signal(number)
    _, stderr = trainer.communicate()
    assert trainer.returncode == 130
    assert "Stopping after the current window..." in stderr
    assert stderr.splitlines()[-1] == "Resume it: ptbterm resume disturbed"
    *_, stopped = events(home / "runs/disturbed")
    assert stopped["kind"] == "run_stopped"

    result = ptbterm("resume", "disturbed")
    assert result.exit_code == 0
    assert "Test Perplexity: " in result.stdout
    assert has_the_weights_of(home / "runs/disturbed", undisturbed)


def test_a_second_hangup_does_not_stop_the_saving(process: Process, home: Path, long_corpus: Path) -> None:
    """A shell passes on the one that it gets from its terminal, and the kernel sends another as the shell ends."""
    trainer = process("train", "--corpus", long_corpus, *LONG, "--name", "hung-up")
    assert trainer.stdout is not None
    trainer.stdout.readline()
    trainer.send_signal(signal.SIGHUP)
    assert trainer.stderr is not None
    assert any("Stopping" in line for line in iter(trainer.stderr.readline, ""))
    trainer.send_signal(signal.SIGHUP)
    trainer.communicate()
    assert trainer.returncode == 130


def test_nohup(process: Process, home: Path, long_corpus: Path) -> None:
    """A signal that the parent process set to be ignored stays ignored."""

    def ignore_hangups() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    short = [*TINY, "--name", "left-alone"]
    trainer = process("train", "--corpus", long_corpus, *short, preexec_fn=ignore_hangups)
    assert trainer.stdout is not None
    trainer.stdout.readline()
    trainer.send_signal(signal.SIGHUP)
    _, stderr = trainer.communicate()
    assert (trainer.returncode, "Stopping" in stderr) == (0, False)
    *_, finished = events(home / "runs/left-alone")
    assert finished["kind"] == "run_finished"


def test_killed_without_a_word(
    ptbterm: Command, process: Process, home: Path, long_corpus: Path, undisturbed: Path
) -> None:
    """Twice: in the middle of its first epoch, saved by time, and again when it has gone on."""
    often = ["--set", "training.save_minutes=0.0001"]
    for command in (["train", "--corpus", long_corpus, *LONG, *often, "--name", "killed"], ["resume", "killed"]):
        trainer = process(*command, "--view", "json")
        assert trainer.stdout is not None
        for line in trainer.stdout:
            if '"checkpoint_saved"' in line:
                break
        trainer.kill()
        trainer.communicate()
        assert trainer.returncode == -signal.SIGKILL
    result = ptbterm("resume", "killed")
    assert result.exit_code == 0
    resumed = [event for event in events(home / "runs/killed") if event["kind"] == "run_resumed"]
    assert len(resumed) == 2
    assert resumed[0]["window"] != 0
    assert has_the_weights_of(home / "runs/killed", undisturbed)


@pytest.mark.parametrize("view", ["plain", "json", "none"])
def test_a_damaged_checkpoint_is_a_notice_in_every_view(ptbterm: Command, tiny_run: Path, view: str) -> None:
    last, previous = (tiny_run / f"checkpoints/{name}.safetensors" for name in ("last", "previous"))
    last.write_bytes(last.read_bytes()[:1000])
    assert previous.is_file()
    result = ptbterm("resume", "tiny", "--view", view)
    assert result.exit_code == 0
    warning = f"Warning: Checkpoint {last} can't be read: "
    assert [line.startswith(warning) for line in result.stderr.splitlines()].count(True) == 1
    assert "Resumed from the previous checkpoint, after window 0 of epoch 2." in result.stderr
    assert ('"kind":"warning"' in result.stdout) == (view == "json")
    assert "Warning" not in result.stdout
    watched = ptbterm("watch", "tiny", "--view", "plain")
    assert warning in watched.stderr


def test_an_unwritable_folder(process: Process, tiny_run: Path) -> None:
    """Root may write everywhere, so it gives that up first."""
    give_up = ["setpriv", "--bounding-set=-dac_override", "--"] if os.geteuid() == 0 else []
    if give_up and not shutil.which("setpriv"):
        pytest.skip("root can't be kept out")
    before = contents(tiny_run)
    tiny_run.chmod(0o555)
    command = [*give_up, sys.executable, "-P", "-m", "ptbterm", "resume", "tiny", "--set", "training.epochs=3"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    tiny_run.chmod(0o755)
    assert (done.returncode, done.stdout) == (1, "")
    *_, error, hint = done.stderr.splitlines()
    assert error == f"Error: {tiny_run / 'trainer.json'}: Permission denied."
    assert hint == "Set PTBTERM_HOME to a folder that you can write to."
    assert contents(tiny_run) == before


def test_a_closed_pipe_stops_and_saves_quietly(process: Process, home: Path, long_corpus: Path) -> None:
    trainer = process("train", "--corpus", long_corpus, *LONG, "--name", "piped")
    assert trainer.stdout is not None
    assert trainer.stderr is not None
    trainer.stdout.readline()
    trainer.stdout.close()
    stderr = trainer.stderr.read()
    trainer.stderr.close()
    trainer.wait()
    assert "Traceback" not in stderr
    *_, stopped = events(home / "runs/piped")
    assert stopped["kind"] == "run_stopped"


def test_resume_trains_on_with_more_epochs(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("resume", "tiny", "--set", "training.epochs=3")
    assert result.exit_code == 0
    assert "Epoch 3 : Valid Perplexity: " in result.stdout
    assert "Epoch 2" not in result.stdout
    resumed = next(event for event in events(tiny_run) if event["kind"] == "run_resumed")
    assert (resumed["epoch"], resumed["changed"]) == (3, {"training.epochs": 3})


@pytest.mark.parametrize(
    ("arguments", "code", "sentence", "hint"),
    [
        (["tinny"], 1, "No run named 'tinny'", "Did you mean tiny?"),
        (
            ["tiny"],
            1,
            "Run tiny is finished; its last epoch was 2.",
            "ptbterm resume tiny --set training.epochs=3",
        ),
        (["tiny", "--set", "training.epoch=9"], 2, "unknown setting 'training.epoch'", "training.epochs"),
        (["tiny", "--set", "model.hidden_size=9"], 2, "model.hidden_size can't be changed", "training.epochs"),
    ],
)
def test_resume_refuses_with_a_hint(
    ptbterm: Command, tiny_run: Path, arguments: list[str], code: int, sentence: str, hint: str
) -> None:
    before = contents(tiny_run)
    result = ptbterm("resume", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr
    assert hint in result.stderr
    assert contents(tiny_run) == before


def contents(run: Path) -> dict[Path, bytes]:
    """Return the bytes of a run's files, but for the one that says who trained last."""
    files = (file for file in run.rglob("*") if file.is_file() and file.name != "trainer.json")
    return {file: file.read_bytes() for file in files}


def test_resume_refuses_other_text(ptbterm: Command, tiny_run: Path) -> None:
    settings = tiny_run / "settings.toml"
    lines = settings.read_text().splitlines()
    lines = [line if "fingerprint" not in line else 'corpus_fingerprint = "another"' for line in lines]
    settings.write_text("\n".join(lines))
    result = ptbterm("resume", "tiny", "--set", "training.epochs=3")
    assert result.exit_code == 1
    assert "Error: The text of letters is not the one that run tiny was trained on." in result.stderr
