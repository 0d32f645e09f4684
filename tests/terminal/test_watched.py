"""A run that is watched while a trainer starts for it."""

import io
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ptbterm.runs.events import RunResumed
from ptbterm.runs.journal import Journal
from ptbterm.runs.process import Condition, Launch, as_trainer
from ptbterm.runs.run import Run
from ptbterm.terminal.screens.dashboard.watched import WatchedRun
from tests.terminal.watched_runs import BEGAN, STARTED, make_run, story

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
def test_a_trainer_is_starting_until_it_tells_that_it_began(run: Run, launch: Launch, set_back: timedelta) -> None:
    """Also where the clock is set back between its start and what it tells."""
    watched = WatchedRun(run, launch)
    watched.take(watched.follower.read())
    with as_trainer(run):
        assert watched.condition() is Condition.STARTING
        Journal(run.events_file, lambda _: None, now=lambda: AT - set_back).append(RESUMED)
        watched.take(watched.follower.read())
        assert watched.condition() is Condition.RUNNING


def test_the_first_trainer_is_not_missed_for_its_clock(tmp_path: Path, launch: Launch) -> None:
    run = make_run(tmp_path / "runs", [])
    run.events_file.unlink(missing_ok=True)
    watched = WatchedRun(run, launch)
    with as_trainer(run):
        Journal(run.events_file, lambda _: None, now=lambda: AT - timedelta(hours=1)).append(STARTED)
        watched.take(watched.follower.read())
        assert watched.condition() is Condition.RUNNING


def test_what_was_told_before_is_not_taken_for_the_new_trainer(run: Run, launch: Launch) -> None:
    watched = WatchedRun(run, launch)
    more = True
    while more:
        new = watched.follower.read(most=5)
        watched.take(new)
        more = new.more
    with as_trainer(run):
        assert watched.condition() is Condition.STARTING


def test_a_run_whose_folder_vanishes_is_lost(run: Run) -> None:
    watched = WatchedRun(run)
    watched.take(watched.follower.read())
    run.path.rename(run.path.with_name("elsewhere"))
    watched.take(watched.follower.read())
    view = watched.look(with_log=True)
    assert (view.condition, view.log) == (Condition.LOST, [])
    assert view.state.epoch == 2
