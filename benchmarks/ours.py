"""The real trainer, ready to step, in a run directory that is thrown away."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import torch

from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import find_corpus
from ptbterm.corpus.windows import window
from ptbterm.runs.journal import Journal
from ptbterm.runs.state import RunState
from ptbterm.settings.resolve import Resolved, read_preset, resolve
from ptbterm.training import session
from ptbterm.training.trainer import Trainer


def read_corpus(place: str, folder: Path, *assignments: str) -> EncodedCorpus:
    """Return the corpus as ids; what is kept of it goes below `folder`."""
    text = find_corpus(place, folder, lambda _: None, print)
    return encode_corpus(text, settings("small", *assignments).settings.corpus, folder / "ids")


def settings(preset: str, *assignments: str) -> Resolved:
    """Return a preset's settings with `key=value` changes."""
    return resolve(read_preset(preset), [("--set", assignment) for assignment in assignments])


def trainer(resolved: Resolved, corpus: EncodedCorpus, runs: Path, name: str) -> Trainer:
    """Return a trainer at the start of a new run of that name."""
    run = session.new_run(runs, name, resolved, corpus)
    journal = Journal(run.events_file, lambda _: None)
    return Trainer(run, run.read_record(), corpus, journal=journal, stop_requested=lambda: False, known=RunState())


def windows(trainer: Trainer) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield inputs and targets of the training text, again and again."""
    for number in cycle(range(trainer.windows)):
        yield window(trainer.rows, number, trainer.settings.num_steps)
