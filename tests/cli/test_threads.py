"""The number of threads: `--threads`, else `PTBTERM_THREADS`, else a setting; recorded in the run."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ptbterm.errors import ExitCode
from ptbterm.runs.run import Run
from tests.commands import Command
from tests.examples.texts import TINY

pytestmark = pytest.mark.process  # trains


@pytest.fixture(autouse=True)
def threads_restored() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("variable", "options", "threads"),
    [
        ("", ["--set", "training.threads=2"], 2),
        ("3", [], 3),
        ("3", ["--set", "training.threads=2"], 2),
        ("3", ["--set", "training.threads=2", "--threads", "1"], 1),
    ],
)
def test_the_nearest_one_counts_and_is_recorded(
    ptbterm: Command,
    home: Path,
    corpus: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    options: list[str],
    threads: int,
) -> None:
    monkeypatch.setenv("PTBTERM_THREADS", variable)
    trained = ptbterm("train", "--view", "none", "--corpus", corpus, "--name", "one", *TINY, *options)
    assert trained.exit_code == 0, trained.stderr
    record = Run(home / "runs" / "one").read_record()
    assert (record.run.threads, record.training.threads) == (threads, threads)
    assert torch.get_num_threads() == threads


def test_resume_with_another_number_says_so(
    ptbterm: Command, tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTBTERM_THREADS", "3")
    longer = ("--set", "training.epochs=9")
    resumed = ptbterm("resume", "tiny", "--view", "plain", "--threads", "2", *longer)
    assert resumed.exit_code == 0, resumed.stderr
    assert "was trained with threads" in resumed.stdout + resumed.stderr
    assert Run(tiny_run).read_record().training.threads == 2


@pytest.mark.parametrize(
    "command",
    [("eval",), ("score", "-"), ("chat", "--json"), ("generate", "--words", "1"), ("tour", "--step", "1")],
    ids=lambda command: command[0],
)
def test_every_command_that_computes(
    ptbterm: Command, tiny_run: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    assert tiny_run.exists()
    monkeypatch.setenv("PTBTERM_THREADS", "3")
    assert ptbterm(*command, stdin="a b\n").exit_code == 0
    assert torch.get_num_threads() == 3
    assert ptbterm(*command, "--threads", "2", stdin="a b\n").exit_code == 0
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("value", ["two", "-1", "1.5", "5000", "²"])
@pytest.mark.parametrize("command", ["train", "eval", "tour", "doctor"])
def test_an_invalid_variable_is_a_usage_error(
    ptbterm: Command, tiny_run: Path, monkeypatch: pytest.MonkeyPatch, command: str, value: str
) -> None:
    assert tiny_run.exists()
    monkeypatch.setenv("PTBTERM_THREADS", value)
    ended = ptbterm(command)
    assert ended.exit_code == ExitCode.USAGE
    assert f"PTBTERM_THREADS must be a number from 0 to 4096, not {value!r}." in ended.stderr


def test_doctor_says_how_many_and_how_they_wait(ptbterm: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTBTERM_THREADS", "2")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    facts = json.loads(ptbterm("doctor", "--json").stdout)
    assert (facts["threads"], facts["OpenMP waits"]) == (2, "OMP_WAIT_POLICY=PASSIVE")
    assert {"cores", "usable cores", "load"} < set(facts)
