"""Python files in the current folder, a student's own random.py or torch.py, are not executed by what we start."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from ptbterm import environment
from ptbterm.runs import launch as starter
from ptbterm.runs import machine
from ptbterm.runs.launch import Launch, resume_detached, run_here, start_detached
from ptbterm.runs.run import Run

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
TRAP = "open({mark!r}, 'a').write(__name__ + ' ')\n"
MODULES = (
    *("random", "json", "typing", "pathlib", "ctypes", "subprocess", "sitecustomize", "usercustomize"),
    *("torch", "numpy", "platformdirs", "typer", "typing_extensions", "msgspec", "rich", "ptbterm"),
)


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that Python files of the current folder write when they are executed."""
    folder, mark = tmp_path / "of_a_student", tmp_path / "executed"
    folder.mkdir()
    for name in MODULES:
        (folder / f"{name}.py").write_text(TRAP.format(mark=str(mark)))
    monkeypatch.chdir(folder)
    return mark


def ended(launch: Launch) -> None:
    launch.process.wait()
    complaint = launch.complaint()
    assert not launch.has_failed(), complaint


def detached() -> None:
    ended(start_detached(["presets"]))


def in_this_terminal() -> None:
    run_here(["presets"])


def by_the_console_script() -> None:
    subprocess.run([Path(sysconfig.get_path("scripts")) / "ptbterm", "presets"], capture_output=True, check=True)


@pytest.mark.parametrize("start", [detached, in_this_terminal, by_the_console_script])
def test_they_are_not_executed(home: Path, mark: Path, start: Callable[[], None]) -> None:
    start()
    assert not mark.exists()


@pytest.mark.parametrize("start", [detached, in_this_terminal])
@pytest.mark.parametrize("path", [":{parent}", ".", "..:.", "{parent}::"])
def test_nor_by_a_part_of_a_search_path_that_means_the_current_folder(
    home: Path, mark: Path, start: Callable[[], None], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", path.format(parent=mark.parent))
    start()
    assert not mark.exists()


def test_nor_by_a_trainer_that_resumes(tiny_run: Path, mark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It imports torch and all of training."""
    monkeypatch.setenv("PYTHONPATH", ":")
    ended(resume_detached(Run(tiny_run), ["training.epochs=3"]))
    assert not mark.exists()


def test_nor_by_python_m_ptbterm(home: Path, mark: Path) -> None:
    """Python itself would take ptbterm.py for the program, and imports typing for its own start."""
    for name in ("ptbterm", "typing"):
        Path(f"{name}.py").unlink()
    subprocess.run([sys.executable, "-m", "ptbterm", "doctor"], capture_output=True, check=True)
    assert not mark.exists()


def test_a_program_of_the_current_folder_is_not_taken_for_nvidia_smi(
    mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("nvidia-smi").write_text(f"#!/bin/sh\ntouch {mark}\n")
    Path("nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f":{os.environ['PATH']}:.")
    machine._gpu()
    assert not mark.exists()


def test_absolute_parts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/opt/theirs:.:/opt/more:")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "pycache")
    variables = environment.of_children()
    assert variables["PYTHONPATH"] == "/opt/theirs:/opt/more"
    assert "PYTHONPYCACHEPREFIX" not in variables
    assert variables.keys() == os.environ.keys() - {"PYTHONPYCACHEPREFIX"}


def test_the_trap_works(home: Path, mark: Path) -> None:
    """Without -P, the same command executes such a file."""
    unsafe = [part for part in starter.command(["presets"]) if part != "-P"]
    subprocess.run(unsafe, capture_output=True, check=False)
    assert mark.exists()


def test_every_place_that_starts_the_program_keeps_the_current_folder_out() -> None:
    starts = re.compile(r"""(?P<safe>-P[", ]+)?-m["', ]+ptbterm\b(?!\.)""")
    unsafe = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for folder in ("ptbterm", "scripts", "benchmarks", "tests")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for match in starts.finditer(file.read_text(encoding="utf-8"))
        if not match["safe"] and file not in {Path(__file__), ROOT / "ptbterm" / "__main__.py"}
    ]
    assert unsafe == []
