"""The textbook program in a process of its own, where torch takes memory as it does for everyone.

    python -m benchmarks.textbook_apart CORPUS FOLDER PRESET [KEY=VALUE ...]

reads a task and a number a line, and answers with the seconds: `windows 40`, `context 5`, or `kept 0`. It waits
for its threads as torch does by default, not as ptbterm does.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import torch

from benchmarks import ours
from benchmarks.pace import seconds_for
from benchmarks.textbook import Textbook
from ptbterm.environment import SPIN_COUNT

LIBGOMP_SPIN_COUNT = 300_000
"""What libgomp takes if no variable says how its threads wait."""


class TextbookApart:
    """The textbook program of a preset's sizes, at rest until it is asked to train."""

    def __init__(self, corpus: str, folder: Path, preset: str, assignments: Sequence[str] = ()) -> None:
        threads = f"training.threads={torch.get_num_threads()}"
        command = [sys.executable, "-m", __spec__.name, corpus, str(folder), preset, *assignments, threads]
        self._process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds_for(self, count: int) -> float:
        """Return the seconds that the next `count` windows take."""
        return self._ask("windows", count)

    def seconds_to_read(self, words: int) -> float:
        """Return the seconds from a new context of that many words to its ranking."""
        return self._ask("context", words)

    def seconds_to_rank(self) -> float:
        """Return the seconds of the ranking after the context that was read last."""
        return self._ask("kept", 0)

    def _ask(self, task: str, number: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{task} {number}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _environment() -> dict[str, str]:
    """Return this process's variables, without the spin count that ptbterm has set for itself."""
    is_ours = os.environ.get("GOMP_SPINCOUNT") == str(SPIN_COUNT)
    return os.environ | ({"GOMP_SPINCOUNT": str(LIBGOMP_SPIN_COUNT)} if is_ours else {})


def main(corpus: str, folder: str, preset: str, *assignments: str) -> None:
    """Do the task of each line."""
    settings = ours.settings(preset, *assignments)
    model = settings.settings.model
    trainer = ours.trainer(settings, ours.read_corpus(corpus, Path(folder)))
    torch.set_num_threads(settings.settings.training.threads)
    program = Textbook(trainer.model.vocabulary_size, model.hidden_size, model.num_layers, model.keep_prob)
    stream = ours.windows(trainer)
    chance, output = random.Random(1), program.read(torch.zeros(1, 1, dtype=torch.long))
    for line in sys.stdin:
        task, number = line.split()
        if task == "windows":
            print(seconds_for(int(number), program.step, stream), flush=True)
            continue
        ids = torch.tensor([[chance.randrange(trainer.model.vocabulary_size)] for _ in range(int(number))])
        started = time.perf_counter()
        if task == "context":
            output = program.read(ids)
        program.rank(output)
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
