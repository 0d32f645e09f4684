"""What tests share: the command line run in this process, a home of their own, the real corpus if at hand."""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ptbterm.cli.app import main


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str


Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PTBTERM_HOME that no other test sees, and no network beyond loopback addresses."""
    place = tmp_path / "home"
    monkeypatch.setenv("PTBTERM_HOME", str(place))
    monkeypatch.setenv("PTBTERM_OFFLINE", "1")
    return place


@pytest.fixture
def ptbterm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `ptbterm ARGUMENTS...` in this process; `stdin=` is what it reads."""

    def run(*arguments: str | Path, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Result(int(end.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def ptb() -> Path:
    """The folder of the real Penn Treebank files; the test is skipped where PTBTERM_TEST_PTB is unset."""
    place = os.environ.get("PTBTERM_TEST_PTB")
    if not place:
        pytest.skip("PTBTERM_TEST_PTB does not name the folder of the Penn Treebank")
    return Path(place)
