"""Fixtures of these tests."""

import pytest

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.runs.run import Run
from tests.training.resumed_runs import DROPOUT
from tests.training.tiny_runs import (
    tiny_corpus,
    trained,
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=19)


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("small corpus"), train_sentences=5)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> Run:
    return trained(tmp_path_factory.mktemp("runs"), "undisturbed", corpus, DROPOUT)
