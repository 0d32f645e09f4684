"""The step of one checkout in a process of its own, so that two of them can be compared.

Run by its path, with the checkout in PYTHONPATH: whatever it imports is of that checkout. Reads a number of
windows a line, and answers with the seconds that they took and a digest of the weights after them.
"""

import hashlib
import sys
from pathlib import Path

from benchmarks import ours
from benchmarks.pace import seconds_for
from ptbterm.model.device import keep_freed_memory
from ptbterm.training.trainer import Trainer


def digest(trainer: Trainer) -> str:
    """Return the SHA-256 of the bytes of all weights."""
    whole = hashlib.sha256()
    for weights in trainer.model.parameters():
        whole.update(weights.detach().contiguous().numpy().data)
    return whole.hexdigest()


def main(corpus: str, folder: str, preset: str) -> None:
    """Train as many windows as each line asks for."""
    keep_freed_memory()
    trainer = ours.trainer(ours.settings(preset), ours.read_corpus(corpus, Path(folder)))
    stream = ours.windows(trainer)
    for line in sys.stdin:
        print(seconds_for(int(line), trainer.step, stream), digest(trainer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
