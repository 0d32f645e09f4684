"""The real trainer, ready to step."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import torch

from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import find_corpus
from ptbterm.corpus.windows import window
from ptbterm.settings.resolve import Resolved, read_preset, resolve
from ptbterm.training.trainer import Trainer


def read_corpus(place: str, folder: Path, *assignments: str) -> EncodedCorpus:
    """Return the corpus as ids; what is kept of it goes below `folder`."""
    text = find_corpus(place, folder, lambda _: None, print)
    return encode_corpus(text, settings("small", *assignments).settings.corpus, folder / "ids")


def settings(preset: str, *assignments: str) -> Resolved:
    """Return a preset's settings with `key=value` changes."""
    return resolve(read_preset(preset), [("--set", assignment) for assignment in assignments])


def trainer(resolved: Resolved, corpus: EncodedCorpus) -> Trainer:
    """Return a trainer of those settings at its start."""
    return Trainer(resolved.settings.model, resolved.settings.training, corpus)


def windows(trainer: Trainer) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield inputs and targets of the training text, again and again."""
    for number in cycle(range(trainer.windows)):
        yield window(trainer.rows, number, trainer.settings.num_steps)
