"""Strike trainings with signals at random moments; resumed, they must end with the same bits and events.

    python -m tests.torture.signals FOLDER --strikes 1000 --seed 1 --ptb DIRECTORY

Each training is `ptbterm train`, then `ptbterm resume` until it has finished. A strike is KILL, TERM, INT, HUP,
STOP + CONT, or a pair of them. Without --ptb the kind "treebank" is left out. Run it with OMP_NUM_THREADS=1.
"""

import argparse
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ptbterm.runs.run import Run
from tests.torture import forked
from tests.training.disturbed import check_what_is_left
from tests.training.tiny_runs import checkpoints, story, write_corpus

SIZES = ("model.hidden_size=8", "training.batch_size=3", "training.num_steps=4", "training.threads=1")
OFTEN = "training.save_minutes=1e-9"
"""Save after each window."""
SOMETIMES = "training.save_minutes=0.0003"
SAMPLED = ("training.num_steps=2", "training.sampled_words=8")
"""Of 12 word types."""


@dataclass(frozen=True)
class Kind:
    """Settings to train with; `later` replaces some of them in a second phase, with `resume --set`."""

    name: str
    settings: tuple[str, ...]
    later: tuple[str, ...] = ()
    preset: str = "small"
    corpus: str = "text"


KINDS = [
    Kind("dropout by step", ("model.keep_prob=0.6", "model.dropout_mask=step", OFTEN)),
    Kind("dropout by window", ("model.keep_prob=0.6", "model.dropout_mask=window", "model.residual=true", OFTEN)),
    Kind("sampled, untied", (*SAMPLED, "training.full_softmax=0.3", SOMETIMES)),
    Kind("sampled, tied", (*SAMPLED, "model.tied=true", "model.output_bias=unigram", OFTEN)),
    Kind("shared cell", ("model.shared_cell=true", "model.num_layers=3", "model.keep_prob=0.8", SOMETIMES)),
    Kind("minutes", ("training.minutes=0.01", "model.keep_prob=0.6", OFTEN)),
    Kind("two threads", ("model.hidden_size=64", "training.threads=2", "model.keep_prob=0.6", OFTEN)),
    Kind("adamw, cosine", ("training.optimizer=adamw", "training.schedule=cosine", "training.warmup_windows=5")),
    Kind("epochs on resume", ("training.epochs=1", "model.keep_prob=0.6", OFTEN), ("training.epochs=3",)),
    Kind("rates on resume", (SOMETIMES,), ("training.epochs=4", "training.save_minutes=1e-9")),
    Kind("windows", ("training.windows=50", "training.matmul_precision=high", "corpus.vocabulary_size=8", OFTEN)),
    Kind("notebook", ("training.epochs=2", OFTEN), preset="notebook", corpus="long text"),
    Kind("treebank", ("model.hidden_size=32", "training.windows=60", OFTEN), preset="fast", corpus="treebank"),
]
STRIKES: dict[str, tuple[int, ...]] = {
    "KILL": (signal.SIGKILL,),
    "TERM": (signal.SIGTERM,),
    "INT": (signal.SIGINT,),
    "HUP": (signal.SIGHUP,),
    "STOP, CONT": (signal.SIGSTOP, signal.SIGCONT),
    "TERM, KILL": (signal.SIGTERM, signal.SIGKILL),
    "INT, INT": (signal.SIGINT, signal.SIGINT),
    "HUP, HUP": (signal.SIGHUP, signal.SIGHUP),
    "HUP, TERM": (signal.SIGHUP, signal.SIGTERM),
    "STOP, KILL": (signal.SIGSTOP, signal.SIGKILL),
    "STOP, TERM, CONT": (signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT),
}
ENDS = {0, 1, 130, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGKILL}
"""How a struck process may end; 1: the run has finished already."""


class Trainings:
    """Trainings of one kind, struck and compared with one that is not."""

    def __init__(self, kind: Kind, corpus: Path, home: Path, chance: random.Random) -> None:
        self._kind, self._corpus, self._home, self._chance = kind, corpus, home, chance
        begun = time.monotonic()
        for phase in self._phases():
            forked.run(self._command("undisturbed", phase), self._home / "output")
        self._seconds = (time.monotonic() - begun) / len(self._phases())
        self._undisturbed = self._run("undisturbed")

    def strike(self, times: int) -> Counter[str]:
        """Train until a number of strikes has hit a process at work; return how many of each."""
        struck: Counter[str] = Counter()
        training = 0
        while struck.total() < times:
            training += 1
            struck += self._strike_one(f"struck-{training}", times - struck.total())
        return struck

    def _strike_one(self, name: str, most: int) -> Counter[str]:
        run, struck = self._run(name), Counter[str]()
        for phase in self._phases():
            done = False
            while not done:
                command = forked.start(self._command(name, phase), self._home / "output")
                if struck.total() < most:
                    struck += self._strike_command(command)
                end, printed = command.wait(), command.printed()
                assert end in ENDS, f"exit code {end}: {printed}"
                assert "Traceback" not in printed, printed
                finished = run.path.exists() and check_what_is_left(run)
                assert finished or end != 1, printed
                done = finished and end == 0
                if finished and not done:  # struck after the last event: resuming says that nothing is left
                    done = self._has_ended(name, phase)
        self._compare(run)
        return struck

    def _has_ended(self, name: str, phase: tuple[str, ...]) -> bool:
        """Return whether a run that has the event of its end needs no further `resume` in this phase."""
        epochs = self._run(name).read_record().training.epochs
        return all(epochs == int(change.split("=")[1]) for change in phase if change.startswith("training.epochs"))

    def _strike_command(self, command: forked.Forked) -> Counter[str]:
        name = self._chance.choice(list(STRIKES))
        time.sleep(self._chance.uniform(0, 1.1 * self._seconds))
        if os.waitid(os.P_PID, command.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return Counter()
        for number in STRIKES[name]:
            command.send(number)
            time.sleep(self._chance.choice([0, 0, self._chance.uniform(0, 0.05)]))
        return Counter([name])

    def _phases(self) -> list[tuple[str, ...]]:
        return [(), self._kind.later] if self._kind.later else [()]

    def _run(self, name: str) -> Run:
        return Run(self._home / "runs" / name)

    def _command(self, name: str, phase: tuple[str, ...]) -> list[str]:
        """Return `train` where the run does not exist yet, otherwise `resume`, with the changes of a phase."""
        if self._run(name).path.exists():
            return ["resume", name, "--view", "none", *options(phase)]
        settings = options((*SIZES, "training.epochs=2", *self._kind.settings))
        chosen = ["--preset", self._kind.preset, "--corpus", str(self._corpus), "--name", name]
        return ["train", "--view", "none", *chosen, *settings]

    def _compare(self, run: Run) -> None:
        if self._kind.name == "minutes":  # each run measures its own number of windows
            windows = run.read_record().training.windows
            forked.run(
                [*self._command("same", ()), *options((f"training.windows={windows}", "training.minutes=0"))],
                self._home / "output",
            )
            other = self._run("same")
        else:
            other = self._undisturbed
        assert checkpoints(run) == checkpoints(other), f"{run.name} has other weights"
        assert story(run) == story(other), f"{run.name} has other events"
        leftovers = [file for file in run.path.rglob(".*") if file.name != ".lock"]
        assert not leftovers, f"{run.name} has leftovers: {leftovers}"
        shutil.rmtree(run.path)
        if other is not self._undisturbed:
            shutil.rmtree(other.path)


def options(settings: tuple[str, ...]) -> Iterator[str]:
    for setting in settings:
        yield from ("--set", setting)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("kinds", nargs="*", help="kinds of training; all by default")
    parser.add_argument("--strikes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ptb", type=Path, help="a folder with the Penn Treebank")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    corpora = {"text": write_corpus(chosen.folder / "corpus", train_sentences=40)}
    corpora["long text"] = write_corpus(chosen.folder / "long", train_sentences=140)
    for split in ("valid.txt", "test.txt"):
        shutil.copyfile(corpora["long text"] / "train.txt", corpora["long text"] / split)
    if chosen.ptb:
        corpora["treebank"] = chosen.ptb
    kinds = [kind for kind in KINDS if kind.corpus in corpora]
    total, begun = Counter[str](), time.monotonic()
    for number, kind in enumerate(kinds):
        if chosen.kinds and kind.name not in chosen.kinds:
            continue
        home = chosen.folder / f"home-{number}"
        home.mkdir()
        os.environ["PTBTERM_HOME"] = str(home)
        trainings = Trainings(kind, corpora[kind.corpus], home, random.Random(f"{chosen.seed} {kind.name}"))
        share = (chosen.strikes * (number + 1)) // len(kinds) - (chosen.strikes * number) // len(kinds)
        struck = trainings.strike(share)
        print(f"{kind.name:18} {struck.total():4} strikes: {dict(sorted(struck.items()))}", flush=True)
        total += struck
        shutil.rmtree(home)
    print(f"{total.total()} strikes in {time.monotonic() - begun:.0f} s, all with the same bits and events:")
    print(dict(sorted(total.items())))


if __name__ == "__main__":
    main()
