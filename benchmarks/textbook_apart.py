"""The textbook program in a process of its own, where torch takes memory as it does for everyone.

    python -m benchmarks.textbook_apart CORPUS FOLDER PRESET [KEY=VALUE ...]

reads a number of windows a line, and answers with the seconds that they took.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import torch

from benchmarks import ours
from benchmarks.pace import seconds_for
from benchmarks.textbook import Textbook


class TextbookApart:
    """The textbook program of a preset's sizes, at rest until it is asked to train."""

    def __init__(self, corpus: str, folder: Path, preset: str, assignments: Sequence[str] = ()) -> None:
        threads = f"training.threads={torch.get_num_threads()}"
        command = [sys.executable, "-m", __spec__.name, corpus, str(folder), preset, *assignments, threads]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds_for(self, count: int) -> float:
        """Return the seconds that the next `count` windows take."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def main(corpus: str, folder: str, preset: str, *assignments: str) -> None:
    """Train as many windows as each line asks for."""
    settings = ours.settings(preset, *assignments)
    model = settings.settings.model
    trainer = ours.trainer(settings, ours.read_corpus(corpus, Path(folder)))
    torch.set_num_threads(settings.settings.training.threads)
    program = Textbook(trainer.model.vocabulary_size, model.hidden_size, model.num_layers, model.keep_prob)
    stream = ours.windows(trainer)
    for line in sys.stdin:
        print(seconds_for(int(line), program.step, stream), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
