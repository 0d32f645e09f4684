"""Opens the corpus and the run of a command, and prints their names."""

from typing import TYPE_CHECKING

import numpy as np

from ptbterm import environment
from ptbterm.cli.download import fetch_with_progress
from ptbterm.cli.printing import notice
from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.marks import END_OF_SENTENCE, UNKNOWN
from ptbterm.corpus.penn_treebank import SOURCES
from ptbterm.corpus.sources import CorpusText, find_corpus
from ptbterm.corpus.vocabulary import smallest_effective_minimum
from ptbterm.files import is_file
from ptbterm.runs.catalog import find_run
from ptbterm.runs.run import Run
from ptbterm.settings.schema import CorpusSettings
from ptbterm.terminal.text.numbers import percent

if TYPE_CHECKING:
    from ptbterm.inference.trained_model import TrainedModel


def open_run(wanted: str | None) -> Run:
    """Return a run by name, prefix or path, by default the newest with a checkpoint; print its name."""
    run = find_run(environment.runs(), wanted)
    notice(f"Run: {run.name}")
    return run


def open_text(source: str) -> CorpusText:
    """Return the corpus that `source` names; downloads the Penn Treebank if it is not installed."""
    return find_corpus(source, environment.corpora(), lambda folder: fetch_with_progress(folder, SOURCES), notice)


def open_corpus(settings: CorpusSettings) -> EncodedCorpus:
    """Return the corpus as ids, and print its size and its share of unknown words."""
    corpus = encode_corpus(open_text(settings.source), settings, environment.caches())
    sizes = ", ".join(
        f"{split} {len(ids):,} words ({percent(corpus.unknown_share(split))} <unk>)"
        for split, ids in corpus.ids.items()
    )
    notice(f"Corpus: {corpus.text.title}, {len(corpus.vocabulary):,} word types; {sizes}.")
    for remark in corpus.reading.remarks:
        notice(remark)
    if not np.any(corpus.ids["train"] == corpus.vocabulary.unknown_id):
        shares = {split: corpus.unknown_share(split) for split in ("valid", "test")}
        if any(shares.values()):
            notice(
                "<unk> does not occur in training, so its probability in valid and test is arbitrary; "
                f"train it with --set corpus.minimum_count={_minimum_count(corpus)}"
            )
    return corpus


def _minimum_count(corpus: EncodedCorpus) -> int:
    counts = np.bincount(corpus.ids["train"])
    counts[corpus.vocabulary.end_of_sentence_id] = 0
    return smallest_effective_minimum(counts.tolist())


def warn_of_untrained_unknown(trained: "TrainedModel", unknown_words: int) -> None:
    """Print what a perplexity with unknown words means if the model has never seen `<unk>` in training."""
    if not unknown_words or not is_file(trained.run.word_counts_file):
        return
    counts = trained.word_counts()
    del counts[END_OF_SENTENCE]
    if not counts[UNKNOWN]:
        notice(
            "<unk> did not occur in training, so its probability is arbitrary: compare the perplexity without it, "
            f"or train with --set corpus.minimum_count={smallest_effective_minimum(counts.values())}"
        )
