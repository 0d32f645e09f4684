"""Fixtures of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ptbterm.inference.completion import Completer
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from tests.terminal.watched_runs import make_run, story


@pytest.fixture
def completer(tiny_run: Path) -> Completer:
    return Completer(load_run(Run(tiny_run)).predictor)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Run]:
    """A run in its third epoch, with a trainer: this process holds its lock."""
    run = make_run(tmp_path / "runs", story(2.4))
    with as_trainer(run):
        yield run
