"""The trainer's process: its lock and its process id."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs import lock, signals
from ptbterm.runs.catalog import create_run
from ptbterm.runs.lock import as_trainer, is_training
from ptbterm.runs.run import Run
from tests.examples.events import RECORD
from tests.runs.trainers import Process, trainer_of

pytestmark = pytest.mark.process


ASKER = """
import sys
from pathlib import Path
from ptbterm.runs.lock import is_training
from ptbterm.runs.run import Run
run = Run(Path(sys.argv[1]))
print("asking", flush=True)
while True:
    is_training(run)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(tmp_path / "runs", "first", RECORD, "a\n")


@pytest.fixture
def trainer(run: Run) -> Iterator[Process]:
    with trainer_of(run) as process:
        yield process


def test_a_second_trainer_is_refused_until_the_first_dies(run: Run, trainer: Process) -> None:
    for _ in range(2):
        with (
            pytest.raises(PtbtermError, match="Run first is being trained by another process"),
            as_trainer(run, 0.05),
        ):
            pass
    trainer.send_signal(signal.SIGKILL)
    trainer.wait()
    with as_trainer(run):
        pass


def test_a_lock_is_free_again_after_an_error(run: Run) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), as_trainer(run):
            raise KeyError


def test_the_trainer_is_found(run: Run, trainer: Process) -> None:
    assert is_training(run)
    process = lock.trainer(run)
    assert process is not None
    assert process.pid == trainer.pid


def test_asking_about_the_lock_does_not_keep_a_trainer_out(run: Run) -> None:
    with as_trainer(run):
        pass
    asking = subprocess.Popen([sys.executable, "-c", ASKER, str(run.path)], stdout=subprocess.PIPE, text=True)
    assert asking.stdout is not None
    asking.stdout.readline()
    try:
        for _ in range(20):
            with as_trainer(run):
                pass
    finally:
        asking.kill()
        asking.wait()
        asking.stdout.close()


def test_waiting_gives_up(run: Run, trainer: Process) -> None:
    assert lock.wait_until_ended(run, 0.05) is False


def test_a_reused_process_id_is_not_taken_for_the_trainer(run: Run, trainer: Process) -> None:
    """As if the trainer's process id now belonged to this process."""
    facts = {"pid": os.getpid(), "created": psutil.Process().create_time() - 1000}
    run.trainer_file.write_text(json.dumps(facts))
    assert lock.trainer(run) is None
    with pytest.raises(PtbtermError, match="Run first is being trained on another machine"):
        signals.kill(run)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system keeps the time at which it started")
def test_a_clock_that_is_set_does_not_hide_the_trainer(run: Run, trainer: Process) -> None:
    """On Linux a process's start is known by the clock and by the time since boot."""
    facts = json.loads(run.trainer_file.read_text())
    run.trainer_file.write_text(json.dumps(facts | {"created": facts["created"] - 3600}))
    process = lock.trainer(run)
    assert process is not None
    assert process.pid == trainer.pid
    run.trainer_file.write_text(json.dumps(facts | {"ticks": facts["ticks"] - 1}))
    assert lock.trainer(run) is None


def test_the_trainer_file_of_an_earlier_version(run: Run, trainer: Process) -> None:
    created = psutil.Process(trainer.pid).create_time()
    run.trainer_file.write_text(json.dumps({"pid": trainer.pid, "created": created}))
    process = lock.trainer(run)
    assert process is not None
    assert process.pid == trainer.pid


@pytest.mark.parametrize("text", ["", "[]", '{"pid": "x"}', '{"pid": 99999999, "created": 1.0}'])
def test_a_damaged_trainer_file(run: Run, trainer: Process, text: str) -> None:
    run.trainer_file.write_text(text)
    assert lock.trainer(run) is None
