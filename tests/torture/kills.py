"""Kill commands at random moments, and their trainers' runs renamed; what they leave is whole, or is soon gone.

    python -m tests.torture.kills FOLDER [ids] [download] [delete] [rename] [adapted] [map] --strikes 200 --seed 1

ids: `eval` of a corpus not yet encoded. download: `download` of the Penn Treebank in --ptb, from a server here.
delete: `runs delete`. rename: a run is renamed while it trains, its trainer killed or not, then resumed. adapted:
`score --save-adapted`. map: `embeddings --svg`. Each gets an equal share of the strikes. Set OMP_NUM_THREADS=1.
"""

import argparse
import json
import os
import random
import shutil
import signal
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ptbterm.corpus.penn_treebank import SHA256, is_installed
from ptbterm.files import ABANDONED_SECONDS
from ptbterm.runs.catalog import list_runs
from ptbterm.runs.run import Run
from tests.corpus.downloads import tgz
from tests.corpus.http_server import Served, serving
from tests.torture import forked
from tests.training.disturbed import check_what_is_left
from tests.training.tiny_runs import checkpoints, story, write_corpus

TINY = ("model.hidden_size=8", "training.batch_size=3", "training.num_steps=4", "training.threads=1")
OFTEN = "training.save_minutes=1e-9"
"""Save after each window."""
KILLED = -signal.SIGKILL

Contents = dict[str, bytes]


def contents(folder: Path) -> Contents:
    """Every file in a folder, hidden ones too."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def age(folder: Path) -> None:
    """Make what a killed command left unfinished old enough to be removed."""
    for pattern in (".*.part", ".*.deleted"):
        for left in folder.rglob(pattern):
            os.utime(left, times=(then := time.time() - 2 * ABANDONED_SECONDS, then))


class Work(ABC):
    """A command to kill, in a home of its own with a run named tiny."""

    seconds: float
    """How long the command takes undisturbed."""

    def __init__(self, folder: Path) -> None:
        self.home, self.output = folder / "home", folder / "output"
        self.corpus = write_corpus(folder / "corpus", train_sentences=self.sentences)
        os.environ["PTBTERM_HOME"] = str(self.home)
        self.train("tiny", "training.windows=3")

    sentences = 100

    @abstractmethod
    def strike(self, chance: random.Random) -> bool:
        """Kill the command at a random moment, check what is left; return whether it was still at work."""

    def run(self, *arguments: str | Path) -> str:
        """Run a command to its end; it must succeed."""
        return forked.run([str(argument) for argument in arguments], self.output)

    def measure(self, *arguments: str | Path) -> str:
        begun = time.monotonic()
        printed = self.run(*arguments)
        self.seconds = time.monotonic() - begun
        return printed

    def kill(self, chance: random.Random, *arguments: str | Path) -> bool:
        command = forked.start([str(argument) for argument in arguments], self.output)
        time.sleep(chance.uniform(0, 1.1 * self.seconds))
        command.send(signal.SIGKILL)
        end, printed = command.wait(), command.printed()
        assert end in {0, KILLED}, f"exit code {end}: {printed}"
        assert "Traceback" not in printed, printed
        age(self.home)
        return end == KILLED

    def evaluate(self, name: str) -> float:
        """Return the perplexity of a run's model."""
        perplexity: float = json.loads(self.run("eval", name, "--json").splitlines()[-1])["perplexity"]
        return perplexity

    def train(self, name: str, *settings: str) -> None:
        self.run(*self.training(name, *settings))

    def training(self, name: str, *settings: str) -> list[str]:
        options = [part for setting in (*TINY, *settings) for part in ("--set", setting)]
        corpus = ["--corpus", str(self.corpus), "--name", name, "--view", "none"]
        return ["train", "--preset", "small", *corpus, *options]

    @property
    def runs(self) -> Path:
        return self.home / "runs"


class Ids(Work):
    """The ids of a text are cached."""

    sentences = 40_000

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        shutil.rmtree(self.home / "ids")
        self.measure("eval", "tiny", "--json")
        self.perplexity = self.evaluate("tiny")
        self.whole = contents(self.home / "ids")

    def strike(self, chance: random.Random) -> bool:
        shutil.rmtree(self.home / "ids", ignore_errors=True)
        was_killed = self.kill(chance, "eval", "tiny", "--json")
        assert self.evaluate("tiny") == self.perplexity
        assert contents(self.home / "ids") == self.whole
        return was_killed


class Download(Work):
    """The Penn Treebank is downloaded."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.command = ("download", "--url", url)
        self.place = self.home / "corpora" / "ptb"
        self.measure(*self.command)

    def strike(self, chance: random.Random) -> bool:
        if chance.random() < 0.8:
            shutil.rmtree(self.place)
        else:  # damaged: it is replaced
            (self.place / "ptb.valid.txt").write_text("no treebank")
        was_killed = self.kill(chance, *self.command)
        self.run(*self.command)
        assert is_installed(self.place)
        left = {path.name for path in self.place.parent.iterdir()}
        assert left == {"ptb", ".ptb.lock"}, left
        return was_killed


class Delete(Work):
    """A run is deleted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for number in range(300):  # so that it takes a while
            (self.runs / "tiny" / f"note-{number}").write_text("x" * 100)
        self.whole = contents(self.runs / "tiny")
        shutil.copytree(self.runs / "tiny", self.runs / "doomed")
        self.measure("runs", "delete", "doomed", "--yes")

    def strike(self, chance: random.Random) -> bool:
        shutil.copytree(self.runs / "tiny", self.runs / "doomed")
        was_killed = self.kill(chance, "runs", "delete", "doomed", "--yes")
        self.run("runs", "list")
        names = [run.name for run in list_runs(self.runs)]
        if "doomed" in names:
            assert contents(self.runs / "doomed") == self.whole
            self.run("runs", "delete", "doomed", "--yes")
        left = {path.name for path in self.runs.iterdir()}
        assert left == {"tiny"}, left
        return was_killed


class Rename(Work):
    """A run gets another name while it trains; it is resumed under that name."""

    sentences = 40

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        settings = ("model.keep_prob=0.6", "training.epochs=2", OFTEN)
        self.command = self.training("before", *settings)
        self.measure(*self.training("undisturbed", *settings))
        self.undisturbed = Run(self.runs / "undisturbed")

    def strike(self, chance: random.Random) -> bool:
        before, after = self.runs / "before", self.runs / "after"
        command = forked.start(self.command, self.output)
        time.sleep(chance.uniform(0, 1.1 * self.seconds))
        was_at_work = os.waitid(os.P_PID, command.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        was_renamed = before.exists()
        if was_renamed:
            before.rename(after)
            if chance.random() < 0.3:  # another one by its name
                shutil.copytree(self.runs / "tiny", self.runs / "copied")
                (self.runs / "copied").rename(before)
            time.sleep(chance.choice([0, chance.uniform(0, 0.3 * self.seconds)]))
        if chance.random() < 0.5:
            command.send(signal.SIGKILL)
        end, printed = command.wait(), command.printed()
        assert "Traceback" not in printed, printed
        assert end in {0, 1, KILLED}, f"exit code {end}: {printed}"
        assert end != 1 or str(before) in printed, printed
        if before.exists() and was_renamed:
            written = contents(before).items() ^ contents(self.runs / "tiny").items()
            assert not written, f"the trainer wrote into another run: {written}\n{printed}"
            shutil.rmtree(before)
        if was_renamed:
            self._finish(Run(after))
        elif before.exists():
            shutil.rmtree(before)
        return was_renamed and was_at_work

    def _finish(self, run: Run) -> None:
        if not check_what_is_left(run):
            self.run("resume", run.name, "--view", "none")
        assert checkpoints(run) == checkpoints(self.undisturbed), f"{run.name} has other weights"
        assert story(run) == story(self.undisturbed), f"{run.name} has other events"
        shutil.rmtree(run.path)


class Adapted(Work):
    """A model that has adapted to a text is saved as a run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        text = self.corpus / "valid.txt"
        self.command = ("score", text, "--run", "tiny", "--adapt", "--save-adapted", "adapted")
        self.measure(*self.command)
        self.perplexity = self.evaluate("adapted")
        self.weights = Run(self.runs / "adapted").last_checkpoint.read_bytes()

    def strike(self, chance: random.Random) -> bool:
        shutil.rmtree(self.runs / "adapted")
        was_killed = self.kill(chance, *self.command)
        if not (self.runs / "adapted").exists():
            self.run(*self.command)
        assert self.evaluate("adapted") == self.perplexity
        assert Run(self.runs / "adapted").last_checkpoint.read_bytes() == self.weights
        left = {path.name for path in self.runs.iterdir()}
        assert left == {"tiny", "adapted"}, left
        return was_killed


class Map(Work):
    """A map of the words is computed, kept in the run, and drawn."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.picture = folder / "pictures" / "map.svg"
        self.picture.parent.mkdir()
        self.command = ("embeddings", "tiny", "--svg", self.picture)
        self.measure(*self.command)
        self.drawn, self.map = self.picture.read_bytes(), contents(self.runs / "tiny" / "maps")

    def strike(self, chance: random.Random) -> bool:
        shutil.rmtree(self.runs / "tiny" / "maps")
        self.picture.unlink(missing_ok=True)
        was_killed = self.kill(chance, *self.command)
        assert not self.picture.exists() or self.picture.read_bytes() == self.drawn
        age(self.picture.parent)
        self.run(*self.command)
        assert contents(self.picture.parent) == {"map.svg": self.drawn}
        assert contents(self.runs / "tiny" / "maps") == self.map
        return was_killed


@contextmanager
def treebank_server(ptb: Path) -> Iterator[str]:
    """Serve an archive of the Penn Treebank from another process: one with threads could not be forked."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        with serving() as server:
            server.files["/ptb.tgz"] = Served(tgz({name: (ptb / name).read_bytes() for name in SHA256}))
            os.write(writer, server.url.encode())
            os.close(writer)
            signal.pause()
    os.close(writer)
    try:
        yield os.read(reader, 100).decode() + "/ptb.tgz"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)


WORKS: dict[str, Callable[[Path], Work]] = {
    "ids": Ids,
    "delete": Delete,
    "rename": Rename,
    "adapted": Adapted,
    "map": Map,
}


def strike(name: str, make: Callable[[Path], Work], times: int, seed: int, folder: Path) -> None:
    """Strike a command until it was hit at work a number of times."""
    begun, chance, hits, tries = time.monotonic(), random.Random(f"{seed} {name}"), 0, 0
    with tempfile.TemporaryDirectory(dir=folder) as place:
        work = make(Path(place))
        while hits < times:
            hits += work.strike(chance)
            tries += 1
    seconds = time.monotonic() - begun
    print(
        f"{name:10} {hits} strikes at work of {tries}, {seconds:.0f} s; undisturbed {work.seconds:.2f} s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("works", nargs="*", help="all by default")
    parser.add_argument("--strikes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ptb", type=Path, help="a folder with the Penn Treebank, for download")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    os.environ["PTBTERM_OFFLINE"] = "0"
    names = chosen.works or [*WORKS, *(["download"] if chosen.ptb else [])]
    print(f"seed {chosen.seed}", flush=True)
    for name in names:
        share = -(-chosen.strikes // len(names))
        if name == "download":
            with treebank_server(chosen.ptb) as url:
                strike(name, lambda folder, url=url: Download(folder, url), share, chosen.seed, chosen.folder)  # type: ignore[misc]
        else:
            strike(name, WORKS[name], share, chosen.seed, chosen.folder)


if __name__ == "__main__":
    main()
