"""A run that is watched while a trainer starts for it."""

import io
import subprocess
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from ptbterm.runs.condition import Condition
from ptbterm.runs.events import RunResumed, Warned
from ptbterm.runs.journal import Journal
from ptbterm.runs.launch import Launch
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from tests.terminal.watched_runs import BEGAN, STARTED, TEST, make_run, story

pytestmark = pytest.mark.process


AT = BEGAN + timedelta(hours=2)
RESUMED = RunResumed(run="small-ptb", epoch=2, window=0, changed={})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose trainer was lost in its second epoch."""
    return make_run(tmp_path / "runs", story(1.5))


@pytest.fixture
def launch() -> Iterator[Launch]:
    """As of a trainer that takes long to start."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield Launch(process, io.BytesIO(), AT)
        process.kill()


@pytest.mark.parametrize("set_back", [timedelta(0), timedelta(hours=1)])
def test_a_trainer_is_starting_until_its_first_event(run: Run, launch: Launch, set_back: timedelta) -> None:
    """Also if the clock is set back between its start and its event."""
    watched = WatchedRun(run, launch)
    watched.read()
    with as_trainer(run):
        assert watched.snapshot().condition is Condition.STARTING
        Journal(run.events_file, lambda _: None, now=lambda: AT - set_back).append(RESUMED)
        watched.read()
        assert watched.snapshot().condition is Condition.RUNNING


def test_the_first_trainer_is_not_missed_for_its_clock(tmp_path: Path, launch: Launch) -> None:
    run = make_run(tmp_path / "runs", [])
    run.events_file.unlink(missing_ok=True)
    watched = WatchedRun(run, launch)
    with as_trainer(run):
        Journal(run.events_file, lambda _: None, now=lambda: AT - timedelta(hours=1)).append(STARTED)
        watched.read()
        assert watched.snapshot().condition is Condition.RUNNING


def test_earlier_events_are_not_taken_for_the_new_trainer(run: Run, launch: Launch) -> None:
    watched = WatchedRun(run, launch)
    while watched.read(limit=5).more:
        pass
    with as_trainer(run):
        assert watched.snapshot().condition is Condition.STARTING


def test_a_run_whose_folder_is_renamed_is_gone_and_its_state_is_kept(run: Run) -> None:
    watched = WatchedRun(run)
    watched.read()
    run.path.rename(run.path.with_name("elsewhere"))
    watched.read()
    snapshot = watched.snapshot(with_log=True)
    assert (snapshot.condition, snapshot.log) == (Condition.GONE, ())
    assert snapshot.state.epoch == 2


def assert_frozen(value: object) -> None:
    """Fail if anything within a value can be changed."""
    if isinstance(value, tuple | frozenset):
        for each in value:
            assert_frozen(each)
    elif isinstance(value, MappingProxyType):
        for key, each in value.items():
            assert_frozen(key)
            assert_frozen(each)
    elif isinstance(value, msgspec.Struct):
        assert value.__struct_config__.frozen, type(value)
        for name in value.__struct_fields__:
            assert_frozen(getattr(value, name))
    elif is_dataclass(value):
        parameters: Any = vars(type(value))["__dataclass_params__"]
        assert parameters.frozen, type(value)
        for field in fields(value):
            assert_frozen(getattr(value, field.name))
    else:
        assert isinstance(value, str | int | float | datetime | Enum | None), type(value)


def test_a_snapshot_is_frozen_all_the_way_down(run: Run) -> None:
    changed = RunResumed(run="small-ptb", epoch=2, window=0, changed={"training.epochs": 5})
    journal = Journal(run.events_file, lambda _: None)
    for event in (TEST, Warned(message="The disk is full.", hint="Free some."), changed, *story(2.4)):
        journal.append(event)
    run.log_file.write_text("Epoch 1 : Learning rate: 1.000\n")
    watched = WatchedRun(run)
    while watched.read().more:
        pass
    watched.measure()
    snapshot = watched.snapshot(with_log=True)
    assert snapshot.log
    assert snapshot.state.warnings
    assert snapshot.state.evaluated
    assert_frozen(snapshot)


def test_a_snapshot_stays_as_it_is_while_the_run_trains_on(run: Run) -> None:
    watched = WatchedRun(run)
    watched.read()
    before = watched.snapshot()
    kept = repr(before)
    assert watched.snapshot().state is before.state
    journal = Journal(run.events_file, lambda _: None)
    for event in story(4):
        journal.append(event)
    watched.read()
    assert watched.snapshot().state != before.state
    assert repr(before) == kept
