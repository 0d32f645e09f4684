"""The condition of a run, derived from its lock and its events."""

import errno
import os
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import create_run
from ptbterm.runs.condition import Condition, condition
from ptbterm.runs.events import AnyEvent
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from ptbterm.runs.signals import ask_to_stop
from ptbterm.runs.state import fold
from tests.examples.events import FAILED, FINISHED, RECORD, RESUMED, STARTED, STOPPED


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(tmp_path / "runs", "first", RECORD, "a\n")


@pytest.mark.parametrize(
    ("events", "alive", "expected"),
    [
        ([], False, Condition.LOST),
        ([], True, Condition.STARTING),
        ([STARTED], True, Condition.RUNNING),
        ([STARTED], False, Condition.LOST),
        ([STARTED, STOPPED], False, Condition.STOPPED),
        ([STARTED, STOPPED, RESUMED], True, Condition.RUNNING),
        ([STARTED, FINISHED], False, Condition.FINISHED),
        ([STARTED, FAILED], False, Condition.FAILED),
    ],
)
def test_condition_follows_from_the_lock_and_the_events(
    run: Run, events: list[AnyEvent], alive: bool, expected: Condition
) -> None:
    state = fold(events)
    if alive:
        with as_trainer(run):
            assert condition(run, state) is expected
    else:
        assert condition(run, state) is expected


def test_gone_once_its_folder_is_deleted_or_renamed(run: Run) -> None:
    run.path.rename(run.path.with_name("second"))
    assert condition(run, fold([STARTED, FINISHED])) is Condition.GONE


def test_unknown_where_the_file_system_has_no_locks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    run.lock_file.touch()
    monkeypatch.setattr("fcntl.flock", flock)
    assert condition(run, fold([STARTED])) is Condition.UNKNOWN
    assert condition(run, fold([STARTED, STOPPED])) is Condition.STOPPED
    with pytest.raises(PtbtermError, match=r"It is unknown whether run .* trains"):
        ask_to_stop(run)
