"""Environment variables: read in one module, and each means the same for every command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ptbterm
from ptbterm import environment
from ptbterm.errors import ExitCode
from tests.commands import Command

PACKAGE = Path(ptbterm.__file__).parent


def test_no_other_module_reads_them() -> None:
    readers = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", file.read_text(encoding="utf-8"))
    ]
    assert readers == ["environment.py"]


@pytest.mark.parametrize(
    ("value", "offline"), [(None, False), ("", False), ("0", False), ("1", True), ("yes", True)]
)
def test_offline(monkeypatch: pytest.MonkeyPatch, value: str | None, offline: bool) -> None:
    monkeypatch.delenv("PTBTERM_OFFLINE", raising=False)
    if value is not None:
        monkeypatch.setenv("PTBTERM_OFFLINE", value)
    assert environment.is_offline() is offline


@pytest.mark.parametrize("value", ["0", "1"])
def test_offline_means_the_same_for_doctor_and_download(
    ptbterm: Command, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PTBTERM_OFFLINE", value)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # without a listener
    doctor = ptbterm("doctor")
    download = ptbterm("download", "--url", "https://127.0.0.1:9/nothing.tgz")
    is_offline = "PTBTERM_OFFLINE" in download.stderr
    assert (f"offline{'':>8}yes" in re.sub(r"offline +", f"offline{'':>8}", doctor.stdout)) is is_offline
    assert is_offline is (value == "1")


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
        ({}, False),
        ({"TERM": "xterm-256color", "CI": "true"}, False),
    ],
)
def test_screens(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], allowed: bool) -> None:
    for name in ("TERM", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment.allows_screens() is allowed


@pytest.mark.process
@pytest.mark.parametrize("command", ["train", "watch", "tour"])
def test_a_wrong_theme_is_one_sentence(home: Path, tiny_run: Path, command: str) -> None:
    variables = os.environ | {"PTBTERM_HOME": str(home), "PTBTERM_THEME": "drak"}
    runs = sorted(home.glob("runs/*"))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ptbterm", command, "--view", "tui"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    first, second = done.stderr.splitlines()[-2:]
    assert first == "Error: PTBTERM_THEME must name a theme, not 'drak'."
    assert second.startswith("The themes are: ptbterm-dark, ptbterm-light, ")
    assert sorted(home.glob("runs/*")) == runs


@pytest.mark.process
@pytest.mark.parametrize(
    ("variables", "imports", "spin_count"),
    [
        ({}, "ptbterm", str(environment.SPIN_COUNT)),
        ({}, "ptbterm.cli.app", str(environment.SPIN_COUNT)),
        ({"OMP_WAIT_POLICY": "active"}, "ptbterm", None),
        ({"KMP_BLOCKTIME": "1"}, "ptbterm", None),
        ({"GOMP_SPINCOUNT": "7"}, "ptbterm", "7"),
        ({}, "torch, ptbterm", None),
    ],
)
def test_threads_wait_shortly_unless_a_variable_says_how(
    variables: dict[str, str], imports: str, spin_count: str | None
) -> None:
    others = {name: value for name, value in os.environ.items() if name not in environment.WAIT_VARIABLES}
    program = f"import {imports}, os; print(os.environ.get('GOMP_SPINCOUNT'))"
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, env=others | variables, capture_output=True, text=True, check=True)
    assert done.stdout == f"{spin_count}\n"
