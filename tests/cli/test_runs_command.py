"""`ptbterm runs`: list, show, compare, stop and delete, in words and in JSON."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from tests.commands import Command, Process
from tests.examples.texts import TINY


@pytest.fixture
def copies(tiny_run: Path) -> list[Path]:
    """Two more runs beside the first: a copy of it, and one whose end is cut off."""
    copy, lost = (Path(shutil.copytree(tiny_run, tiny_run.with_name(name))) for name in ("copied", "lost"))
    lines = (lost / "events.jsonl").read_bytes().splitlines(keepends=True)
    (lost / "events.jsonl").write_bytes(b"".join(lines[:-5]) + lines[-5][:10])
    for number, run in enumerate((tiny_run, copy, lost)):
        os.utime(run / "events.jsonl", (1_000_000 + number, 1_000_000 + number))
    return [tiny_run, copy, lost]


def test_no_runs_yet(ptbterm: Command) -> None:
    result = ptbterm("runs")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "ptbterm train --preset demo" in result.stderr
    assert json.loads(ptbterm("runs", "list", "--json").stdout) == []


@pytest.mark.parametrize("arguments", [["runs"], ["runs", "list"]])
def test_list_starts_with_the_last_trained_run(ptbterm: Command, copies: list[Path], arguments: list[str]) -> None:
    heading, *rows = ptbterm(*arguments).stdout.splitlines()
    assert heading.split() == ["run", "state", "corpus", "epoch", "valid", "test", "time"]
    assert [row.split()[:3] for row in rows] == [
        ["lost", "lost", "letters"],
        ["copied", "finished", "letters"],
        ["tiny", "finished", "letters"],
    ]


def test_list_for_programs(ptbterm: Command, tiny_run: Path) -> None:
    [run] = json.loads(ptbterm("runs", "list", "--json").stdout)
    assert {"run", "state", "preset", "corpus", "epoch", "epochs", "best_valid_perplexity", "path"} <= run.keys()
    assert (run["run"], run["state"], run["epoch"], run["epochs"]) == ("tiny", "finished", 2, 2)
    assert run["path"] == str(tiny_run)


def test_a_run_in_training_is_listed_as_running(ptbterm: Command, copies: list[Path]) -> None:
    with as_trainer(Run(copies[2])):
        rows = ptbterm("runs").stdout.splitlines()
    assert rows[1].split()[:2] == ["lost", "running"]


def test_show(ptbterm: Command, tiny_run: Path) -> None:
    facts = dict(line.split(None, 1) for line in ptbterm("runs", "show", "tiny").stdout.splitlines())
    assert (facts["state"], facts["preset"], facts["epoch"]) == ("finished", "small", "2 of 2")
    assert facts["model.hidden_size"] == "16"
    assert json.loads(ptbterm("runs", "show", "--json").stdout)["run"] == "tiny"


def test_compare_lines_up_what_differs(ptbterm: Command, copies: list[Path]) -> None:
    settings = copies[1] / "settings.toml"
    settings.write_text(settings.read_text().replace("seed = 1", "seed = 7"))
    lines = ptbterm("runs", "compare", "tiny", "copied").stdout.splitlines()
    rows = {line[:22].strip(): line[22:].split() for line in lines}
    assert rows["run"] == ["tiny", "copied"]
    assert rows["training.seed"] == ["1", "7"]
    assert "training.epochs" not in rows
    assert not any(line.startswith("Not comparable") for line in lines)


@pytest.mark.parametrize("names", [["tiny"], ["tiny"] * 5])
def test_compare_takes_two_to_four(ptbterm: Command, tiny_run: Path, names: list[str]) -> None:
    result = ptbterm("runs", "compare", *names)
    assert result.exit_code == 1
    assert f"compare takes 2 to 4 runs, not {len(names)}." in result.stderr


def test_delete_asks_for_confirmation(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("runs", "delete", "tiny")
    assert result.exit_code == 1
    assert "stdin is not a terminal" in result.stderr
    assert tiny_run.exists()


def test_delete(ptbterm: Command, copies: list[Path]) -> None:
    assert ptbterm("runs", "delete", "tiny", "lost", "--yes").exit_code == 0
    assert [path.name for path in copies[0].parent.iterdir()] == ["copied"]


def test_delete_refuses_a_run_in_training_and_deletes_nothing(ptbterm: Command, copies: list[Path]) -> None:
    with as_trainer(Run(copies[1])):
        result = ptbterm("runs", "delete", "tiny", "copied", "--yes")
    assert result.exit_code == 1
    assert "Run copied is training." in result.stderr
    assert "ptbterm runs stop copied" in result.stderr
    assert all(path.exists() for path in copies)


@pytest.mark.parametrize("by_path", [False, True], ids=["by name", "by path"])
def test_delete_never_follows_a_link(ptbterm: Command, tiny_run: Path, tmp_path: Path, by_path: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    tiny_run.rename(elsewhere)
    tiny_run.symlink_to(elsewhere)
    assert ptbterm("runs", "delete", tiny_run if by_path else "tiny", "--yes").exit_code == 0
    assert (elsewhere / "settings.toml").exists()
    assert not tiny_run.is_symlink()


def test_stop_waits_until_all_is_saved(ptbterm: Command, process: Process, corpus: Path, home: Path) -> None:
    trainer = process(
        "train", "--corpus", corpus, "--name", "long", *TINY, "--set", "training.epochs=100000", "--view", "none"
    )
    events = home / "runs" / "long" / "events.jsonl"
    while not (events.exists() and b"progress" in events.read_bytes()):
        time.sleep(0.02)
    result = ptbterm("runs", "stop", "long")
    assert result.exit_code == 0
    assert "long is stopped." in result.stderr
    assert "ptbterm resume long" in result.stderr
    trainer.communicate()
    assert json.loads(events.read_text().splitlines()[-1])["kind"] == "run_stopped"
    again = ptbterm("runs", "stop", "long")
    assert again.exit_code == 1
    assert "Run long is not being trained." in again.stderr


def test_watch_follows_a_training_until_its_end(process: Process, corpus: Path, home: Path) -> None:
    trainer = process("train", "--corpus", corpus, "--name", "live", *TINY, "--view", "none")
    while not (home / "runs" / "live" / "events.jsonl").exists():
        time.sleep(0.02)
    watcher = process("watch", "live", "--view", "json")
    stdout, stderr = watcher.communicate()
    trainer.communicate()
    kinds = [json.loads(line)["kind"] for line in stdout.splitlines()]
    assert (kinds[0], kinds[-1]) == ("run_started", "run_finished")
    assert "Trained live in " in stderr


def test_ctrl_c_ends_watching_and_not_the_training(process: Process, corpus: Path, home: Path) -> None:
    trainer = process(
        "train", "--corpus", corpus, "--name", "live", *TINY, "--set", "training.epochs=100000", "--view", "none"
    )
    while not (home / "runs" / "live" / "events.jsonl").exists():
        time.sleep(0.02)
    watcher = process("watch", "live", "--view", "plain")
    assert watcher.stdout is not None
    watcher.stdout.readline()
    watcher.send_signal(signal.SIGINT)
    _, stderr = watcher.communicate()
    assert watcher.returncode == 130
    assert "Traceback" not in stderr
    assert trainer.poll() is None
    trainer.kill()
    trainer.communicate()


def test_watching_a_run_that_is_renamed_ends_with_a_sentence(process: Process, corpus: Path, home: Path) -> None:
    endless = ("--set", "training.epochs=100000", "--view", "none")
    trainer = process("train", "--corpus", corpus, "--name", "live", *TINY, *endless)
    run = home / "runs" / "live"
    while not (run / "events.jsonl").exists():
        time.sleep(0.02)
    watcher = process("watch", "live", "--view", "plain")
    assert watcher.stdout is not None
    watcher.stdout.readline()
    run.rename(run.with_name("renamed"))
    _, stderr = watcher.communicate()
    trainer.communicate()
    assert watcher.returncode == 0
    assert "The folder of run live was deleted or renamed." in stderr
    assert "died" not in stderr


def test_watch_without_a_run(ptbterm: Command) -> None:
    result = ptbterm("watch", "--view", "plain")
    assert result.exit_code == 1
    assert "No runs found." in result.stderr


def test_delete_never_follows_a_link_inside_a_run(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("mine")
    (tiny_run / "checkpoints" / "more").symlink_to(treasure)
    (tiny_run / "notes.txt").symlink_to(treasure / "gold")
    assert ptbterm("runs", "delete", "tiny", "--yes").exit_code == 0
    assert not tiny_run.exists()
    assert (treasure / "gold").read_text() == "mine"


def test_delete_wants_a_name(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("runs", "delete", "", "--yes")
    assert (result.exit_code, "No run named ''" in result.stderr) == (1, True)
    assert tiny_run.exists()


def test_delete_after_a_deletion_that_was_killed(ptbterm: Command, tiny_run: Path) -> None:
    left_over = tiny_run.with_name(".tiny.deleted")
    left_over.mkdir()
    (left_over / "vocabulary.txt").touch()
    assert ptbterm("runs", "delete", "tiny", "--yes").exit_code == 0
    assert list(tiny_run.parent.iterdir()) == []


@pytest.mark.parametrize("arguments", [["runs"], ["runs", "list", "--json"]])
def test_a_damaged_run_does_not_hide_the_others(
    ptbterm: Command, copies: list[Path], arguments: list[str]
) -> None:
    settings = copies[0] / "settings.toml"
    settings.write_text("[model")
    result = ptbterm(*arguments)
    assert result.exit_code == 0
    assert copies[0].name not in result.stdout.split()
    assert copies[1].name in result.stdout
    assert f"Skipped {copies[0].name}: {settings} is not valid TOML" in result.stderr


@pytest.mark.process
@pytest.mark.parametrize("unreadable", ["events.jsonl", "settings.toml", ""], ids=["events", "settings", "folder"])
def test_an_unreadable_run_does_not_hide_the_others(home: Path, copies: list[Path], unreadable: str) -> None:
    """Root may read everything, so it gives that up first."""
    give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
    if give_up and not shutil.which("setpriv"):
        pytest.skip("root can't be kept out")
    place = copies[0] / unreadable
    place.chmod(0)
    environment = os.environ | {"PTBTERM_HOME": str(home)}
    for arguments in (
        ["runs"],
        ["runs", "--help"],
        ["runs", "show", "copied"],
        ["watch", "copied", "--view", "plain"],
    ):
        command = [*give_up, sys.executable, "-P", "-m", "ptbterm", *arguments]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        if arguments == ["runs"]:
            assert [row.split()[0] for row in done.stdout.splitlines()] == ["run", "lost", "copied"]
            assert f"Skipped tiny: {place}" in done.stderr
            assert "can't be read: Permission denied" in done.stderr
    place.chmod(0o755)


def test_damaged_events_do_not_hide_the_status_of_a_run(ptbterm: Command, tiny_run: Path) -> None:
    events = tiny_run / "events.jsonl"
    events.write_bytes(b"\x00 no event\n" + events.read_bytes())
    result = ptbterm("watch", "tiny", "--view", "plain")
    assert result.exit_code == 0
    assert "best valid perplexity" in result.stderr
