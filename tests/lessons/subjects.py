"""Subjects of a tour that are small enough to be walked in a second."""

from pathlib import Path

import torch

from ptbterm.corpus.demo import ensure_demo_corpus
from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import find_corpus
from ptbterm.inference.trained_model import load_run
from ptbterm.lessons.lesson import Page
from ptbterm.lessons.subject import Subject, fresh_subject, subject_of_run
from ptbterm.lessons.tour import Tour
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import read_preset, resolve
from ptbterm.settings.schema import CorpusSettings
from ptbterm.training import session
from ptbterm.training.new_run import new_run
from tests.examples.texts import write_corpus

SMALL = (
    "model.hidden_size=16",
    "training.batch_size=4",
    "training.num_steps=5",
    "training.epochs=2",
    "training.warmup_windows=5",
    "training.device=cpu",
    "training.threads=1",
    "training.evaluation=stream",
)


def encode(source: Path, cache: Path) -> EncodedCorpus:
    text = find_corpus(str(source), cache, lambda _: None, lambda _: None)
    return encode_corpus(text, CorpusSettings(), cache)


def letters(folder: Path, repeats: int = 60) -> EncodedCorpus:
    """A corpus of some sentences, again and again."""
    return encode(write_corpus(folder / "letters", repeats), folder / "ids")


def fresh(folder: Path, corpus: EncodedCorpus | None = None) -> Subject:
    torch.set_num_threads(1)  # sums are the same to the last bit only with the same threads
    runs = folder / "tour"
    runs.mkdir(parents=True)
    return fresh_subject(corpus or letters(folder), runs)


def demo(folder: Path) -> Subject:
    """A tour of the demo corpus."""
    ensure_demo_corpus(folder)
    text = find_corpus("demo", folder, lambda _: None, lambda _: None)
    return fresh(folder, encode_corpus(text, CorpusSettings(), folder / "ids"))


def settled(folder: Path, preset: str, *assignments: str, repeats: int = 60) -> Subject:
    """A model that has learned nothing, of some preset, made small."""
    runs = folder / "tour"
    runs.mkdir(parents=True)
    overrides = [("--set", assignment) for assignment in (*SMALL, *assignments)]
    return Subject(letters(folder, repeats), resolve(read_preset(preset), overrides), runs)


def of_a_run(folder: Path, preset: str, *assignments: str, repeats: int = 60) -> Subject:
    """A trained run of some preset, made small."""
    corpus, runs = letters(folder, repeats), folder / "tour"
    overrides = [("--set", assignment) for assignment in (*SMALL, *assignments)]
    run = new_run(folder / "runs", "small", resolve(read_preset(preset), overrides), corpus)
    session.resume(run, [], corpus, lambda _: None, lambda: False)
    runs.mkdir()
    return subject_of_run(load_run(Run(run.path), "cpu"), corpus, runs)


def last_page(subject: Subject, step: int) -> Page:
    """The page that a step, counted from 1, ends with."""
    *_, page = Tour(subject).pages(step - 1)
    return page


def on_treebank(ptb: Path, folder: Path) -> Subject:
    """A fresh model of the Penn Treebank, whose ids are kept in `folder`, and not beside the text."""
    for file in ptb.glob("ptb.*.txt"):
        (folder / file.name).symlink_to(file)
    return fresh(folder, encode(folder, folder / "ids"))
