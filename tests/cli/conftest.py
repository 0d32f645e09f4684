"""Terminals that close when their test ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ptbterm.runs import lock
from ptbterm.runs.run import Run
from tests.cli.score_examples import TEXT
from tests.cli.terminals import Open, Terminal


@pytest.fixture
def terminal(home: Path) -> Iterator[Open]:
    """Open terminals; what still runs in them, or was started from them, is killed at the end."""
    opened: list[Terminal] = []

    def start(*arguments: str | Path, **options: object) -> Terminal:
        opened.append(Terminal(home, *arguments, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield start
    for screen in opened:
        screen.child.close(force=True)
    for run in (home / "runs").glob("*"):
        if trainer := lock.trainer(Run(run)):
            trainer.kill()
            trainer.wait()


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    return file
