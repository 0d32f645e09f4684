"""Every reader of ptbterm with a valid input of its own: what `test_readers` damages."""

import gzip
import io
import json
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import tomli_w
from hypothesis import strategies as st
from safetensors.torch import save

from ptbterm.checkpoints import Position, load_checkpoint
from ptbterm.corpus.download.unpack import unpack
from ptbterm.corpus.encoded import EncodedCorpus, Reading, encode_corpus
from ptbterm.corpus.sources import CorpusText, find_corpus
from ptbterm.corpus.vocabulary import Vocabulary, read_vocabulary
from ptbterm.inference.sentences import Layout, read_sentences
from ptbterm.runs.condition import Condition
from ptbterm.runs.events import AnyEvent
from ptbterm.runs.journal import Follower, Journal, encode, read_events
from ptbterm.runs.lock import as_trainer, trainer
from ptbterm.runs.run import Run
from ptbterm.runs.state import fold
from ptbterm.runs.summary import RunSummary
from ptbterm.runs.watched import RunSnapshot
from ptbterm.settings.resolve import read_preset, resolve
from ptbterm.settings.schema import CorpusSettings, ModelSettings, TrainingSettings
from ptbterm.terminal.pages.comparison import comparison_page
from ptbterm.terminal.pages.notebook_lines import notebook_lines
from ptbterm.terminal.pages.runs import run_facts, run_list
from ptbterm.terminal.screens.dashboard.epochs import epoch_lines
from ptbterm.terminal.screens.dashboard.header import header_lines
from ptbterm.terminal.screens.dashboard.log import failure_lines, log_lines
from ptbterm.terminal.screens.dashboard.perplexity import CurveOptions, perplexity_lines
from ptbterm.terminal.screens.dashboard.settings import setting_lines
from ptbterm.terminal.screens.dashboard.speed import speed_lines, speed_summary
from ptbterm.terminal.screens.dashboard.words import word_lines, word_summary
from ptbterm.terminal.text.lines import plain_text
from ptbterm.terminal.text.safe_text import acts
from ptbterm.terminal.text.symbols import UNICODE
from ptbterm.training.trainer import Trainer
from tests.bad_input.damage import damaged_bytes, damaged_json, damaged_safetensors, damaged_toml, extreme
from tests.examples.events import EVENTS, ODD_RECORD, RECORD

Damage = Callable[[Any], st.SearchStrategy[bytes]]

SETTINGS = ModelSettings(hidden_size=8)
WORDS = [*"abcdefghij", "<unk>", "<eos>"]
RECORD_OF_WEIGHTS = msgspec.structs.replace(RECORD, model=SETTINGS)


@dataclass(frozen=True)
class Reader:
    """`read` reads the file of that name in a folder; `damaged` are inputs made from a valid one."""

    file: str
    valid: bytes
    read: Callable[[Path], object]
    damaged: st.SearchStrategy[bytes]


def reader(file: str, valid: bytes, read: Callable[[Path], object], *more: st.SearchStrategy[bytes]) -> Reader:
    return Reader(file, valid, read, st.one_of(damaged_bytes(valid), *more))


# Checkpoints.


TRAINING = TrainingSettings(batch_size=2, num_steps=3, optimizer="adamw", device="cpu")
READING = Reading(CorpusSettings(tokenizer="whitespace", minimum_count=1), (), "typed")
LETTERS = np.arange(40, dtype=np.int32) % len(WORDS)
CORPUS = EncodedCorpus(CorpusText("letters", "letters", {}, ""), Vocabulary(WORDS), {"train": LETTERS}, READING)


def new_trainer() -> Trainer:
    return Trainer(SETTINGS, TRAINING, CORPUS)


def checkpoint() -> bytes:
    position = Position(epoch=3, window=4, best_epoch=2, best_valid_perplexity=123.4)
    return save(dict(new_trainer().checkpoint().tensors), {"ptbterm": msgspec.json.encode(position).decode()})


def read_checkpoint(file: Path) -> None:
    """Go on training from it."""
    going_on = new_trainer()
    going_on.restore(load_checkpoint(file))
    if going_on.has_more:
        going_on.train_window()


# Runs.


def read_record(file: Path) -> None:
    record = Run(file.parent).read_record()
    assert record == msgspec.convert(msgspec.to_builtins(record), type(record))


def read_trainer(file: Path) -> None:
    run = Run(file.parent)
    damaged = file.read_bytes()
    with as_trainer(run):
        file.write_bytes(damaged)
        trainer(run)
    file.write_bytes(damaged)


LOG = b"".join(encode(event) + b"\n" for event in EVENTS)


@st.composite
def damaged_log(draw: st.DrawFn) -> bytes:
    """Events in any order, some of them damaged."""
    lines = []
    for event in draw(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=12)):
        whole = encode(event)
        tree = json.loads(whole)
        lines.append(draw(st.one_of(st.just(whole), extreme(tree), extreme(tree), damaged_json(tree))))
    return b"\n".join(lines) + b"\n"


def read_log(file: Path) -> None:
    """Follow a log and draw all that is drawn from it, then read it as strictly as a writer does."""
    follower, damaged, more = Follower(file), 0, True
    events: list[AnyEvent] = []
    while more:
        new = follower.read(seconds=10)
        events, damaged, more = events + new.events, damaged + new.damaged_lines, new.more
    show(file, events, damaged)
    assert Journal(file, lambda _: None)
    if not damaged:
        assert list(read_events(file)) == events
    else:
        list(read_events(file))


def show(file: Path, events: list[AnyEvent], damaged: int) -> None:
    state, now = fold(events), datetime(2026, 1, 1, tzinfo=UTC)
    summary = RunSummary(Run(file.parent), RECORD, state, Condition.STOPPED)
    texts = [*run_list([summary]), *run_facts(summary), *comparison_page([summary, summary], 80)]
    texts += [line for event in events for line in notebook_lines(event)]
    msgspec.json.encode(summary.as_json())
    for condition in Condition:
        run = RunSnapshot("tiny", state, condition, now, RECORD, log=("x",), damaged_lines=damaged)
        drawn = [*header_lines(run, UNICODE, 80), *epoch_lines(run, UNICODE), speed_summary(run, UNICODE, 80)]
        drawn += [
            *speed_lines(run, UNICODE, 40),
            *word_lines(run, UNICODE, 40, 20),
            *word_summary(run, UNICODE, 80, 6),
            *setting_lines(run, UNICODE),
            *log_lines(run, UNICODE, 40),
            *failure_lines(run, UNICODE, 80, 3),
        ]
        drawn += [
            row
            for log_axis in (True, False)
            for row in perplexity_lines(run, UNICODE, CurveOptions(log=log_axis), 80, 20)
        ]
        texts += map(plain_text, drawn)
    assert not any(acts(character) for text in texts for character in text)


# Texts.


def read_corpus(file: Path) -> None:
    encode_text(file)


def encode_text(file: Path) -> dict[str, list[str]]:
    text = find_corpus(str(file), file.parent, lambda _: None, lambda _: None)
    corpus = encode_corpus(text, CorpusSettings(vocabulary_size=20), file.parent / "fallback")
    return {split: [corpus.vocabulary[number] for number in ids] for split, ids in corpus.ids.items()}


def read_table(layout: Layout) -> Callable[[Path], object]:
    def read(file: Path) -> None:
        with file.open("rb") as stream:
            list(read_sentences(stream, str(file), layout))

    return read


TEXT = "".join(f"the cat saw {number} dogs\n" for number in range(30)).encode()
TSV = b'item\tsentence\n1\tthe cat\n2\t"the ""dog"""\n'
CSV = b'item,sentence\n1,"the cat, it"\n2,"two\nlines"\n'


def archive_of(kind: str) -> bytes:
    target = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("set/a.txt", "alpha\n" * 100)
            zipped.writestr("set/b.txt", "beta\n" * 100)
        return target.getvalue()
    with tarfile.open(fileobj=target, mode=kind) as archive:  # type: ignore[call-overload]
        for name in ("a.txt", "b.txt"):
            info = tarfile.TarInfo(f"set/{name}")
            info.size = 600
            archive.addfile(info, io.BytesIO(bytes(600)))
    return target.getvalue()


def read_archive(file: Path) -> None:
    folder = file.parent / "unpacked"
    folder.mkdir(exist_ok=True)
    unpack(file, ("a.txt", "b.txt"), folder, 10_000)
    assert {path.name for path in folder.iterdir()} <= {"a.txt", "b.txt"}


SETTINGS_TOML = tomli_w.dumps(msgspec.to_builtins(ODD_RECORD)).encode()
RECORD_TREE = tomllib.loads(SETTINGS_TOML.decode())
PRESET_TREE = {"description": "mine", **{key: RECORD_TREE[key] for key in ("corpus", "model", "training")}}

READERS = {
    "checkpoint": reader("last.safetensors", checkpoint(), read_checkpoint, damaged_safetensors(checkpoint())),
    "settings": reader("settings.toml", SETTINGS_TOML, read_record, damaged_toml(RECORD_TREE)),
    "preset": reader(
        "mine.toml",
        tomli_w.dumps(PRESET_TREE).encode(),
        lambda file: resolve(read_preset(str(file))),
        damaged_toml(PRESET_TREE),
    ),
    "vocabulary": reader("vocabulary.txt", "\n".join([*WORDS, ""]).encode(), read_vocabulary),
    "events": reader("events.jsonl", LOG, read_log, damaged_log()),
    "trainer": reader(
        "trainer.json", b'{"pid": 1, "created": 1.5}', read_trainer, damaged_json({"pid": 1, "created": 1.5})
    ),
    "corpus": reader("news.txt", TEXT, read_corpus),
    "lines": reader("lines.txt", TEXT, read_table(Layout())),
    "pairs": reader("pairs.txt", b"a b\tc d\n" * 9, read_table(Layout(is_pairs=True))),
    "tsv": reader("items.tsv", TSV, read_table(Layout(("sentence",), ("item",), is_table=True))),
    "csv": reader("items.csv", CSV, read_table(Layout(("sentence",), ("item",), is_table=True))),
    "gzip": reader("text.gz", gzip.compress(TEXT, mtime=0), read_table(Layout())),
    **{kind: reader(f"set.{kind}", archive_of(kind), read_archive) for kind in ("w:gz", "w", "zip")},
}
