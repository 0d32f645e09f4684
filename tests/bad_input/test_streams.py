"""Pipes, files, full disks, closed streams, odd locales: for every command the right exit code, and no traceback.

Real processes. Two commands run every time, on every stream; the others with -m slow.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ptbterm.runs.events import RunFinished
from ptbterm.runs.journal import read_events
from ptbterm.runs.run import Run
from tests.examples.texts import TINY

pytestmark = pytest.mark.process


QUICK = [["runs", "show", "tiny"], ["watch", "tiny", "--view", "plain"]]
SLOW = [
    ["--help"],
    ["--version"],
    ["presets"],
    ["presets", "fast"],
    ["runs"],
    ["runs", "list", "--json"],
    ["runs", "compare", "tiny", "tiny"],
    ["watch", "tiny", "--view", "json"],
    ["eval", "tiny"],
    ["eval", "tiny", "--json"],
    ["generate", "tiny", "--words", "2000"],
    ["generate", "tiny", "--json", "--prompt", "caf\u00e9"],
    ["chat", "tiny"],
    ["chat", "tiny", "--json"],
    ["score", "--run", "tiny"],
    ["score", "--run", "tiny", "--format", "jsonl"],
]
TEXT = "the caf\u00e9 \u201csaid\u201d \u4e2d\u6587\n" * 50

every_command = pytest.mark.parametrize(
    "command",
    [*QUICK, *(pytest.param(command, marks=pytest.mark.slow) for command in SLOW)],
    ids=" ".join,
)
LOCALES = {
    "C": {"LC_ALL": "C"},
    "C without coercion": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "ascii, strict": {"PYTHONIOENCODING": "ascii:strict"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
}


@pytest.fixture(autouse=True)
def run_with_an_odd_name(tiny_run: Path) -> None:
    """The run is there, and its corpus has a title that ASCII lacks."""
    settings = tiny_run / "settings.toml"
    settings.write_text(settings.read_text().replace('corpus = "letters"', 'corpus = "caf\u00e9 \u4e2d\u6587"'))


def ended(command: list[str], **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """The result of `ptbterm COMMAND...`; fails on a traceback."""
    environment = os.environ | options.pop("env", {})
    streams: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "input": TEXT.encode(),
    } | options
    line = [sys.executable, "-P", "-m", "ptbterm", *command]
    done: subprocess.CompletedProcess[bytes] = subprocess.run(line, env=environment, check=False, **streams)
    for trace in (b"Traceback", b"Exception ignored", b"Error in sys.excepthook"):
        assert trace not in (done.stderr or b"")
    return done


@every_command
def test_a_full_disk_is_one_sentence(command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = ended(command, stdout=full)
    assert done.returncode == 1
    assert done.stderr.endswith(b"Error: standard output: No space left on device.\nFree some space.\n")


@every_command
def test_a_closed_pipe_ends_quietly(command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = ended(command, stdout=pipe)
    assert done.returncode == 0
    assert b"Broken pipe" not in done.stderr


@every_command
def test_a_file_has_what_a_pipe_has(command: list[str], tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        done = ended(command, stdout=file)
    assert done.returncode == 0
    piped = ended(command).stdout
    if command[0] != "eval":  # which says how long it took
        assert (tmp_path / "out").read_bytes() == piped
    assert b"\x1b" not in piped


@every_command
@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", ">&- 2>&-", "2>/dev/full"])
def test_streams_that_are_closed_or_full(command: list[str], redirection: str) -> None:
    shell = f'exec "$@" {redirection}'
    done = subprocess.run(
        ["bash", "-c", shell, "bash", sys.executable, "-P", "-m", "ptbterm", *command],
        capture_output=True,
        input=TEXT.encode(),
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 1}


TRAIN = ["train", "--name", "other", "--corpus", "letters", *TINY]
RESUME = ["resume", "tiny", "--set", "training.epochs=3"]


@pytest.mark.parametrize(
    ("command", "redirection"),
    [
        ([*TRAIN, "--view", "plain"], ">/dev/full"),
        ([*RESUME, "--view", "json"], ">/dev/full 2>/dev/full"),
        ([*RESUME, "--view", "log"], ""),
        *(
            pytest.param([*command, "--view", "plain"], redirection, marks=pytest.mark.slow)
            for command in (TRAIN, RESUME)
            for redirection in ("2>/dev/full", ">&-", "2>&-", "<&-", ">&- 2>&-")
        ),
    ],
)
def test_unwritable_output_never_ends_a_training(
    command: list[str], redirection: str, tiny_run: Path, corpus: Path
) -> None:
    """The log of a detached trainer lies on a disk that is full, too."""
    (tiny_run / "trainer.log").write_bytes(b"-" * 2**20)
    full = "ulimit -f 512"  # KiB: of all files only the log is as long
    shell = [
        "bash",
        "-c",
        f'{full}; exec "$@" {redirection}',
        "bash",
        sys.executable,
        "-P",
        "-m",
        "ptbterm",
        *command,
    ]
    done = subprocess.run(shell, cwd=corpus.parent, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert (done.returncode, b"Error" in done.stderr) == (0, False)
    run = Run(tiny_run.parent / ("tiny" if command[0] == "resume" else "other"))
    *_, end = read_events(run.events_file)
    assert isinstance(end, RunFinished)


@every_command
@pytest.mark.parametrize("locale", LOCALES)
def test_any_locale(command: list[str], locale: str) -> None:
    done = ended(command, env=LOCALES[locale])
    assert done.returncode == 0
    expected = ended(command).stdout.decode()
    shown = done.stdout.decode("latin-1" if locale == "latin-1" else "utf-8")
    if locale == "C":
        assert shown == expected or command[0] == "eval"
    elif locale != "latin-1":
        assert shown.isascii()
    if "--prompt" in command:
        assert r"caf\u00e9" in shown
    assert "\\u25" not in shown  # signs of our own have others in ASCII
    assert "\\u2248" not in shown
