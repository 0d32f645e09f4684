"""Signals reach the process that holds the run's lock, and no other that somebody names in trainer.json."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs import lock, signals
from ptbterm.runs.catalog import create_run
from ptbterm.runs.lock import is_training
from ptbterm.runs.run import Run
from tests.examples.events import RECORD
from tests.runs.trainers import Process, trainer_of, waiting

pytestmark = pytest.mark.process

SLEEPER = """
import sys, time
files = [open(name, "rb+") for name in sys.argv[1:]]
print("there", flush=True)
time.sleep(600)
"""

Act = Callable[[Run], None]
both = pytest.mark.parametrize("act", [signals.ask_to_stop, signals.kill])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(tmp_path / "runs", "first", RECORD, "a\n")


@pytest.fixture
def trainer(run: Run) -> Iterator[Process]:
    with trainer_of(run) as process:
        yield process


def name_as_trainer(run: Run, process: Process) -> None:
    """Name a process in trainer.json, as anybody can who may write into the run."""
    facts = {"pid": process.pid, "created": psutil.Process(process.pid).create_time()}
    run.trainer_file.write_text(json.dumps(facts))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_asked_to_stop_or_killed(run: Run, trainer: Process, number: signal.Signals) -> None:
    (signals.ask_to_stop if number == signal.SIGTERM else signals.kill)(run)
    assert lock.wait_until_ended(run, 10.0)
    trainer.wait()
    assert lock.trainer(run) is None


@both
def test_without_a_trainer_signals_are_refused(run: Run, act: Act) -> None:
    with pytest.raises(PtbtermError, match="Run first is not being trained"):
        act(run)


@both
def test_a_process_that_trainer_json_names_is_not_signaled(run: Run, trainer: Process, act: Act) -> None:
    """A student's run that is being trained names the teacher's shell."""
    with waiting(SLEEPER) as shell:
        name_as_trainer(run, shell)
        with pytest.raises(PtbtermError, match=rf"process {shell.pid}, which does not hold the lock of run first"):
            act(run)
        assert shell.poll() is None
    assert trainer.poll() is None


@pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="the system does not say who holds a lock")
@both
def test_nor_one_that_only_has_the_lock_open(run: Run, trainer: Process, act: Act) -> None:
    with waiting(SLEEPER, run.lock_file) as reader:
        name_as_trainer(run, reader)
        with pytest.raises(PtbtermError, match="does not hold the lock"):
            act(run)
        assert reader.poll() is None


@pytest.mark.parametrize("link", [os.symlink, os.link])
@both
def test_nor_the_trainer_of_another_run_whose_lock_is_linked(
    run: Run, trainer: Process, act: Act, link: Callable[[Path, Path], None]
) -> None:
    """Whoever may not stop that run makes a link to its lock in a run of their own."""
    theirs = create_run(run.path.parent, "theirs", RECORD, "a\n")
    link(run.lock_file, theirs.lock_file)
    shutil.copy(run.trainer_file, theirs.trainer_file)
    with pytest.raises(PtbtermError, match=r"is not being trained|does not hold the lock of run theirs"):
        act(theirs)
    assert trainer.poll() is None


@both
def test_a_trainer_that_ends_before_its_files_are_looked_at(
    run: Run, trainer: Process, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(process: psutil.Process, lock: Path) -> bool:
        trainer.kill()
        trainer.wait()
        return holds_lock(process, lock)

    holds_lock = signals._holds_lock
    monkeypatch.setattr(signals, "_holds_lock", end)
    with pytest.raises(PtbtermError, match="Run first is not being trained"):
        act(run)


@pytest.mark.parametrize("has_pidfd", [True, False])
@both
def test_a_trainer_that_ends_before_the_signal(
    run: Run, trainer: Process, act: Act, has_pidfd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> bool:
        trainer.kill()
        trainer.wait()
        return True

    monkeypatch.setattr(signals, "_holds_lock", end)
    if not has_pidfd:
        monkeypatch.delattr(os, "pidfd_open")
    with pytest.raises(PtbtermError, match="Run first is not being trained"):
        act(run)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@both
def test_the_trainer_of_another_user(act: Act) -> None:
    """The sentence names the user; it comes from a process that may not send signals to the trainer."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    try:
        run = create_run(place / "runs", "first", RECORD, "a\n")
        with trainer_of(run) as trainer:
            assert "root: permission denied" in said_by_nobody(lambda: act(run))
            assert trainer.poll() is None
            assert is_training(run)
    finally:
        shutil.rmtree(place)


def said_by_nobody(action: Callable[[], None]) -> str:
    """Return the error of an action, taken in a fork of this process that has become the user nobody."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setuid(65534)
        try:
            action()
        except PtbtermError as error:
            os.write(writing, repr(error).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        return answer.read()
