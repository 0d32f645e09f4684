"""Processes of our own: detached trainers, and commands that borrow the terminal."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from ptbterm.runs import launch as starter
from ptbterm.runs.launch import run_here, start_detached

pytestmark = pytest.mark.process


def test_a_failed_launch_returns_its_output(home: Path) -> None:
    launch = start_detached(["train", "--preset", "smal", "--view", "log"])
    launch.process.wait()
    assert launch.has_failed()
    assert "Did you mean small?" in launch.complaint()


def test_a_launch_has_a_session_of_its_own(home: Path) -> None:
    launch = start_detached(["presets"])
    assert os.getsid(launch.process.pid) == launch.process.pid != os.getsid(0)
    while launch.is_alive():
        time.sleep(0.01)
    assert not launch.has_failed()
    launch.complaint()


TRAP = "open({mark!r}, 'w').close()\n"


@pytest.fixture
def trapped_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder whose Python files have the names of modules that every command imports."""
    folder = tmp_path / "of_a_student"
    folder.mkdir()
    for name in ("random", "torch", "typer", "json", "ptbterm"):
        (folder / f"{name}.py").write_text(TRAP.format(mark=str(tmp_path / "executed")))
    monkeypatch.chdir(folder)
    return tmp_path


def test_files_in_the_current_folder_are_not_executed(home: Path, trapped_folder: Path) -> None:
    launch = start_detached(["presets"])
    launch.process.wait()
    assert not launch.has_failed()
    launch.complaint()
    run_here(["presets", "small"])
    assert not (trapped_folder / "executed").exists()


def test_the_trap_works(home: Path, trapped_folder: Path) -> None:
    """Without -P, the same command executes such a file."""
    unsafe = [part for part in starter.command(["presets"]) if part != "-P"]
    subprocess.run(unsafe, capture_output=True, check=False)
    assert (trapped_folder / "executed").exists()
