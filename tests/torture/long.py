"""Work that goes on and on: memory, open files, threads and processes must not grow with it.

    python -m tests.torture.long FOLDER [windows] [events] [keys] [stream]

windows: a training of 20,000 windows, with checkpoints. events: a dashboard of a run that writes 100,000 events.
keys: 50,000 keys in chat. stream: 200 MB of text through `score`. All four if none is named. Linux only.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path

import psutil
from msgspec.structs import replace

from ptbterm.runs.journal import Journal
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState
from ptbterm.runs.summary import read_state
from tests.cli.terminals import Terminal
from tests.terminal.watched_runs import STARTED, make_run, story
from tests.training.tiny_runs import write_corpus

WINDOWS, EVENTS, KEYS, STREAM_BYTES = 20_000, 100_000, 50_000, 200_000_000
WARM = 0.3
"""Share of the work after which caches are full; growth is counted from there."""
MAX_GROWTH = 12.0
"""MB that memory may vary by: the pieces that the allocator keeps."""
MAX_MORE_FILES = 2
"""A file may be open at the moment of a look."""
PTBTERM = [sys.executable, "-P", "-m", "ptbterm"]
TINY = [
    *("--set", "model.hidden_size=16", "--set", "training.batch_size=4", "--set", "training.num_steps=5"),
    *("--set", "training.threads=1", "--view", "none"),
]


@dataclass(frozen=True)
class Held:
    """What a process holds at some moment; memory in MB."""

    memory: float
    files: int
    threads: int
    processes: int


def held_by(process: psutil.Process) -> Held:
    """Measure a process, without the pages that it shares with files."""
    memory = process.memory_info()
    private = (memory.rss - memory.shared) / 1e6
    return Held(private, process.num_fds(), process.num_threads(), len(process.children(recursive=True)))


def most(moments: list[Held]) -> Held:
    """Return the greatest of each number."""
    return Held(*map(max, zip(*map(astuple, moments), strict=True)))


class Growth:
    """The most that a process held up to the warm moment, and after it."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._warm: list[Held] = []
        self._later: list[Held] = []

    def look(self, share: float) -> None:
        """Measure after a share of the work."""
        (self._warm if share <= WARM else self._later).append(held_by(self._process))

    def report(self, name: str, seconds: float) -> None:
        """Print and check both."""
        before, after = most(self._warm), most(self._later)
        print(f"{name}: {seconds:.0f} s; at {WARM:.0%} {before}; to the end {after}", flush=True)
        assert after.memory < before.memory + MAX_GROWTH, "memory grows"
        assert after.files <= before.files + MAX_MORE_FILES, "open files grow"
        assert after.threads <= before.threads, "threads grow"
        assert after.processes <= before.processes, "processes grow"


def windows(folder: Path) -> None:
    """Train, with a checkpoint every 30 ms of training."""
    corpus = write_corpus(folder / "corpus", train_sentences=2_000)
    options = ["--set", f"training.windows={WINDOWS}", "--set", "training.save_minutes=0.0005"]
    command = [*PTBTERM, "train", "--preset", "small", "--corpus", str(corpus), "--name", "long", *TINY, *options]
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        growth, run = Growth(process.pid), Run(folder / "home" / "runs" / "long")
        for share in shares(process, lambda: windows_trained(run)):
            growth.look(share)
    assert process.returncode == 0
    growth.report(f"{WINDOWS:,} windows", time.monotonic() - begun)


def windows_trained(run: Run) -> float:
    """Return the share of the windows that are trained, by the newest event."""
    state = read_state(run) if run.events_file.exists() else RunState()
    if not (state.started and state.progress):
        return 0.0
    return ((state.progress.epoch - 1) * state.started.windows_per_epoch + state.progress.window) / WINDOWS


def shares(process: subprocess.Popen[bytes], share: Callable[[], float]) -> Iterator[float]:
    """Yield the share of the work that is done, about ten times a second, while a process is at it."""
    while process.poll() is None:
        if 0 < (done := share()) < 1:
            yield done
        time.sleep(0.1)


def events(folder: Path) -> None:
    """Watch a run whose trainer, this process, writes events as fast as they are read."""
    run = make_run(folder / "home" / "runs", [replace(STARTED, epochs=2_000)], "busy")
    begun = time.monotonic()
    with as_trainer(run):
        terminal = Terminal(folder / "home", "watch", "busy", size=(140, 42))
        terminal.until("Leave")
        growth, journal = Growth(terminal.child.pid), Journal(run.events_file, lambda _: None)
        for number, event in enumerate(islice(story(2_000), 1, EVENTS + 1)):
            journal.append(event)
            if number % 1_000 == 0:
                terminal.read()
                growth.look(number / EVENTS)
        terminal.press("q")
        code, _ = terminal.end()
    assert code == 0
    growth.report(f"{EVENTS:,} events", time.monotonic() - begun)


def keys(folder: Path) -> None:
    """Type words, spaces and backspaces, move, complete, and clear the line now and then."""
    corpus = write_corpus(folder / "small", train_sentences=200)
    train = [*PTBTERM, "train", "--preset", "small", "--corpus", str(corpus), "--name", "chatty", *TINY]
    subprocess.run(train, check=True, stdout=subprocess.DEVNULL)
    chance, begun = random.Random(1), time.monotonic()
    terminal = Terminal(folder / "home", "chat", "chatty")
    terminal.until("entropy")
    growth, typed = Growth(terminal.child.pid), 0
    keyboard = [*"abcdefghilmnoprstuwxy", *"     ", *["\x7f"] * 4, "\t", "\x1b[D", "\x1b[C", "\x15"]
    while typed < KEYS:
        terminal.press("".join(chance.choices(keyboard, k=100)))
        terminal.read()
        typed += 100
        if typed % 1_000 == 0:
            terminal.press("\x0cthe ")  # a new context
            terminal.until(r"(?m)read as ⏎ the *$")
            growth.look(typed / KEYS)
    terminal.press("\x11")
    code, _ = terminal.end()
    assert code == 0
    growth.report(f"{KEYS:,} keys", time.monotonic() - begun)


def stream(folder: Path) -> None:
    """Score text that comes through a pipe and is nowhere as a whole."""
    words = ["".join(random.Random(number).choices("abcdefghij", k=60)) for number in range(30)]
    line = (" ".join(words[:12]) + "\n").encode()
    corpus = folder / "words"
    corpus.mkdir()
    for split in ("train", "valid", "test"):
        (corpus / f"{split}.txt").write_text((" ".join(words) + "\n") * 20)
    train = [*PTBTERM, "train", "--preset", "small", "--corpus", str(corpus), "--name", "words", *TINY]
    subprocess.run(train, check=True, stdout=subprocess.DEVNULL)
    piece, sent, begun = line * 1_000, 0, time.monotonic()
    score = [*PTBTERM, "score", "-", "--run", "words", "--context", "stream"]
    with subprocess.Popen(score, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        growth = Growth(process.pid)
        assert process.stdin
        while sent < STREAM_BYTES:
            process.stdin.write(piece)
            sent += len(piece)
            growth.look(sent / STREAM_BYTES)
        process.stdin.close()
    assert process.returncode == 0
    growth.report(f"{STREAM_BYTES / 1e6:.0f} MB", time.monotonic() - begun)


WORKS = {work.__name__: work for work in (windows, events, keys, stream)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("works", nargs="*", help=f"of {', '.join(WORKS)}; all by default")
    chosen = parser.parse_args()
    os.environ["PTBTERM_HOME"] = str(chosen.folder / "home")
    for name in chosen.works or WORKS:
        WORKS[name](chosen.folder)


if __name__ == "__main__":
    main()
