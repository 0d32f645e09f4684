"""Trainings in processes of their own that are killed or whose writes fail, resumed, and compared bit by bit.

    python -m tests.training.disturbed kills FOLDER --times 100 --seed 1   SIGKILL at random moments
    python -m tests.training.disturbed faults FOLDER WAY...                at every single write call, in ways:

FAIL_ONCE (EIO, once), FAIL_FOR_GOOD (ENOSPC half way, and ever after), KILL (SIGKILL in its place), CUT_POWER (the
same half way, and what was not flushed is lost). `--every 10` tries each tenth call. A process that has torch
loaded forks those that train, so that each is there at once. Faults need faults.c, compiled, in LD_PRELOAD.
"""

import argparse
import ctypes
import errno
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

from ptbterm.checkpoints import load_checkpoint
from ptbterm.errors import PtbtermError
from ptbterm.runs.events import RunFinished
from ptbterm.runs.journal import read_events
from ptbterm.runs.run import Run
from ptbterm.runs.state import fold
from ptbterm.training import session
from tests.training.tiny_runs import checkpoints, ignore, never, new_run, story, tiny_corpus

SETTINGS = (
    "model.keep_prob=0.5",
    "training.optimizer=adamw",
    "training.learning_rate=0.01",
    "training.num_steps=2",
    "training.sampled_words=8",
    "training.full_softmax=0.5",
    "training.save_minutes=1e-9",  # after each window
)
LONGEST_LIFE = 0.15
"""Seconds."""
SENTENCES_PER_KILL = 6
"""The text read, on average, between two kills."""

DONE, ONE_SENTENCE, CRASHED = 0, 1, 99


class Way(IntEnum):
    """What happens to the chosen write call, by its number in faults.c."""

    FAIL_ONCE = 0
    FAIL_FOR_GOOD = 1
    KILL = 2
    CUT_POWER = 3

    @property
    def ends(self) -> set[int]:
        """How the process may end."""
        return {-signal.SIGKILL} if self in {Way.KILL, Way.CUT_POWER} else {DONE, ONE_SENTENCE}


class Trainings:
    """Trainings on one text, and an undisturbed one."""

    def __init__(self, folder: Path, train_sentences: int) -> None:
        self._runs = folder / "runs"
        self._corpus = tiny_corpus(folder / "corpus", train_sentences=train_sentences)
        self._undisturbed = self.new_run("undisturbed")
        session.resume(self._undisturbed, [], self._corpus, ignore, never)  # loads all of torch

    def new_run(self, name: str) -> Run:
        return new_run(self._runs, name, self._corpus, *SETTINGS)

    def begin(self, run: Run, prepare: Callable[[], None] = lambda: None) -> int:
        """Start a process that resumes a run until it is finished; return its process id."""
        if child := os.fork():
            return child
        code = CRASHED
        try:
            prepare()
            session.resume(run, [], self._corpus, ignore, never)
            code = DONE
        except (PtbtermError, OSError):  # what the command line prints as one sentence
            code = ONE_SENTENCE
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def resume(self, run: Run) -> int:
        return end_of(self.begin(run))

    def compare(self, run: Run) -> None:
        """Compare the weights and events of a finished run with the undisturbed one; then delete it."""
        assert checkpoints(run) == checkpoints(self._undisturbed), f"{run.name} has other weights"
        assert story(run) == story(self._undisturbed), f"{run.name} has other events"
        assert not list(run.path.rglob(".*")), f"{run.name} has leftovers"
        shutil.rmtree(run.path)


def end_of(child: int) -> int:
    """Wait for a process; return its exit code, or below zero the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check_what_is_left(run: Run) -> bool:
    """Check that every checkpoint and every event is whole; return whether the run is finished."""
    for file in (run.last_checkpoint, run.previous_checkpoint, run.best_checkpoint):
        if file.is_file():
            load_checkpoint(file)
    events = list(read_events(run.events_file)) if run.events_file.exists() else []
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return isinstance(fold(events).end, RunFinished)


def kills(folder: Path, times: int, seed: int) -> str:
    """Kill trainings at random moments, `times` times in total."""
    trainings, chance = Trainings(folder, SENTENCES_PER_KILL * times), random.Random(seed)
    killed = trained = 0
    while killed < times:
        run = trainings.new_run(f"training-{trained}")
        finished = False
        while not finished:
            child = trainings.begin(run)
            if killed < times:
                time.sleep(chance.uniform(0, LONGEST_LIFE))
                os.kill(child, signal.SIGKILL)
            end = end_of(child)
            assert end in {DONE, -signal.SIGKILL}, end
            killed += end != DONE
            finished = check_what_is_left(run)
        trainings.compare(run)
        trained += 1
    return f"seed {seed}: {killed} kills in {trained} trainings, all with the same bits and events"


def faults(trainings: Trainings, way: Way, every: int, struck: Path) -> str:
    """Train repeatedly; in each training the next write call fails, until all have been tried.

    `struck` is a file that the shim makes when it does.
    """
    shim = ctypes.CDLL(None)
    number = errno.EIO if way is Way.FAIL_ONCE else errno.ENOSPC
    tried = survived = 0
    for nth in range(1, sys.maxsize, every):
        run = trainings.new_run("disturbed")
        struck.unlink(missing_ok=True)

        def arm(run: Run = run, nth: int = nth) -> None:
            paths = os.fsencode(run.path), os.fsencode(struck)
            shim.faults_arm(*paths, ctypes.c_long(nth), int(way), number)

        end = end_of(trainings.begin(run, arm))
        finished = check_what_is_left(run)
        if not struck.exists():
            assert (end, finished) == (DONE, True)
            trainings.compare(run)
            break
        assert end in way.ends, f"call {nth}: {end}"
        tried, survived = tried + 1, survived + finished
        if not finished:
            assert trainings.resume(run) == DONE, f"call {nth}"
        trainings.compare(run)
    return (
        f"{way.name}: {tried} write calls; {survived} trainings finished all the same, "
        f"{tried - survived} when resumed, all with the same bits and events"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    killing, failing = kinds.add_parser("kills"), kinds.add_parser("faults")
    for kind in (killing, failing):
        kind.add_argument("folder", type=Path)
    killing.add_argument("--times", type=int, default=100)
    killing.add_argument("--seed", type=int, default=1)
    failing.add_argument("ways", nargs="+", choices=[way.name for way in Way])
    failing.add_argument("--every", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.kind == "kills":
        print(kills(chosen.folder, chosen.times, chosen.seed))
    else:
        trainings = Trainings(chosen.folder, train_sentences=3)
        for way in chosen.ways:
            print(faults(trainings, Way[way], chosen.every, chosen.folder / "struck"))


if __name__ == "__main__":
    main()
