"""The Penn Treebank as the notebook reads it: its vocabulary, its ids and its windows of 30 x 20."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import find_corpus
from ptbterm.corpus.windows import count_windows, cut_rows, window
from ptbterm.settings.resolve import read_preset, resolve

NOTEBOOK = resolve(read_preset("notebook")).settings
WINDOW = (NOTEBOOK.training.batch_size, NOTEBOOK.training.num_steps)


@pytest.fixture(scope="module")
def corpus(ptb: Path, tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    """The corpus by way of links, so that its ids are not cached beside the files themselves."""
    folder = tmp_path_factory.mktemp("ptb")
    for file in ptb.glob("ptb.*.txt"):
        (folder / file.name).symlink_to(file)
    text = find_corpus(str(folder), folder, lambda _: None, lambda _: None)
    return encode_corpus(text, NOTEBOOK.corpus, folder)


@pytest.fixture(scope="module")
def rows(corpus: EncodedCorpus) -> npt.NDArray[np.int32]:
    return cut_rows(corpus.ids["train"], batch_size=WINDOW[0])


def sha256(ids: npt.NDArray[np.int32]) -> str:
    return hashlib.sha256(ids.astype("<i4").tobytes()).hexdigest()


def test_vocabulary(corpus: EncodedCorpus) -> None:
    assert len(corpus.vocabulary) == 10_000
    assert list(corpus.vocabulary[:10]) == ["the", "<unk>", "<eos>", "N", "of", "to", "a", "in", "and", "'s"]
    assert [corpus.vocabulary.id_of(word) for word in ("the", "<eos>", "'s", "xyzzy")] == [0, 2, 9, 1]


def test_words_of_each_split(corpus: EncodedCorpus) -> None:
    assert {split: len(ids) for split, ids in corpus.ids.items()} == {
        "train": 929_589,
        "valid": 73_760,
        "test": 82_430,
    }


def test_windows_of_an_epoch(corpus: EncodedCorpus, rows: npt.NDArray[np.int32]) -> None:
    assert rows.shape == (30, 30_986)
    assert count_windows(len(corpus.ids["train"]), *WINDOW) == 1_549


def test_first_window(rows: npt.NDArray[np.int32]) -> None:
    inputs, targets = window(rows, 0, num_steps=WINDOW[1])
    assert inputs.shape == targets.shape == (30, 20)
    assert inputs[0].tolist()[:3] == [9970, 9971, 9972]
    assert targets[0, 0] == 9971
    assert sha256(inputs) == "e5311b1de2375c3428ccb8b7645304ce0377f4b6f9a21758f28dfb4bb5addfd6"
    assert sha256(targets) == "5c5f8d0b63a436db7ceb9c7701f065149b2e0e498251b9805698cc5f0bf23b65"
