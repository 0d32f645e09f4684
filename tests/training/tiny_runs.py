"""Runs small enough to be trained many times in a second, on a text made up here."""

import random
from collections.abc import Callable
from pathlib import Path

import msgspec

from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import find_corpus
from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochStarted,
    Progress,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStopped,
    Warned,
)
from ptbterm.runs.journal import read_events
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import Preset, resolve
from ptbterm.settings.schema import CorpusSettings
from ptbterm.training import session
from ptbterm.training.new_run import new_run as create_run
from ptbterm.training.trainer import Trainer

WORDS = ["this", "is", "an", "example", "the", "company", "said", "it", "will", "rise"]
TINY = (
    "model.hidden_size=8",
    "training.batch_size=3",
    "training.num_steps=4",
    "training.epochs=2",
    "training.device=cpu",
    "training.threads=1",
)


def write_corpus(folder: Path, *, train_sentences: int, seed: int = 0) -> Path:
    """Write sentences of five words; with TINY, two of them make a window wide and 2.4 long."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for split, sentences in {"train": train_sentences, "valid": 8, "test": 8}.items():
        chosen = WORDS + chance.choices(WORDS, k=5 * (sentences - 2))
        lines = [" ".join(chosen[first : first + 5]) for first in range(0, len(chosen), 5)]
        (folder / f"{split}.txt").write_text("\n".join(lines))
    return folder


def encode(folder: Path) -> EncodedCorpus:
    text = find_corpus(str(folder), folder, lambda _: None, lambda _: None)
    return encode_corpus(text, CorpusSettings(minimum_count=1), folder / "ids")


def tiny_corpus(folder: Path, *, train_sentences: int) -> EncodedCorpus:
    return encode(write_corpus(folder, train_sentences=train_sentences))


DEFAULTS = Preset("tiny", "", {}, "preset tiny")


def new_run(runs: Path, name: str, corpus: EncodedCorpus, *assignments: str, preset: Preset = DEFAULTS) -> Run:
    overrides = [("--set", assignment) for assignment in (*TINY, *assignments)]
    return create_run(runs, name, resolve(preset, overrides), corpus)


def ignore(_event: AnyEvent) -> None:
    """Listen to nothing."""


def never() -> bool:
    return False


def after_windows(count: int) -> Callable[[], bool]:
    """Request a stop after `count` windows of the session."""
    asked = iter(range(count))
    return lambda: next(asked, None) is None


def trained(runs: Path, name: str, corpus: EncodedCorpus, *assignments: str) -> Run:
    run = new_run(runs, name, corpus, *assignments)
    session.resume(run, [], corpus, ignore, never)
    return run


def trainer_of(run: Run, corpus: EncodedCorpus) -> Trainer:
    record = run.read_record()
    return Trainer(record.model, record.training, corpus)


def events_of(run: Run) -> list[AnyEvent]:
    return list(read_events(run.events_file))


def progress_of(run: Run) -> list[Progress]:
    return [event for event in events_of(run) if isinstance(event, Progress)]


def checkpoints(run: Run) -> tuple[bytes, bytes]:
    """The bytes of last and best."""
    return run.last_checkpoint.read_bytes(), run.best_checkpoint.read_bytes()


OF_SESSIONS = (RunResumed, RunStopped, RunFailed, CheckpointSaved, Warned)
TIMES = {"time", "sequence", "words_per_second", "recent_words_per_second", "seconds_left", "training_seconds"}
TIMES |= {"seconds", "run"}
PLACE = ("kind", "epoch", "fraction", "split")


def story(run: Run) -> list[dict[str, object]]:
    """The events of a run, without times, speeds, sessions and saves; repeated ones must be equal."""
    story: dict[tuple[object, ...], dict[str, object]] = {}
    for event in events_of(run):
        if isinstance(event, OF_SESSIONS):
            continue
        fields = {name: value for name, value in msgspec.to_builtins(event).items() if name not in TIMES}
        place = tuple(fields.get(name) for name in PLACE)
        if isinstance(event, RunFinished):
            story[place] = fields  # a run whose epochs are raised finishes again
            continue
        first = story.setdefault(place, fields)
        assert fields == first or isinstance(event, EpochStarted), f"{run.name}: {first} was repeated as {fields}"
    return list(story.values())
