"""The condition of a run, derived from its lock and its events."""

from pathlib import Path

import pytest

from ptbterm.runs.catalog import create_run
from ptbterm.runs.condition import Condition, condition
from ptbterm.runs.events import AnyEvent
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
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
