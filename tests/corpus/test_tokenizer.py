"""Ordinary words as the words of a corpus."""

import pytest

from ptbterm.corpus.tokenizer import read_words
from ptbterm.corpus.vocabulary import Vocabulary

PTB_LIKE = Vocabulary(["<unk>", "<eos>", "N", "the", "n't", "u.s.", "$", "1\\/2", "747", "May", "may"])
OWN = Vocabulary(["<unk>", "<eos>", "The", "1987", "3rd"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("the The THE", "the the the"),
        ("May may MAY", "May may may"),
        ("U.S. n't $", "u.s. n't $"),
        ("7 1987 3.5 -12,000 +0.5 747", "N N N N N 747"),
        ("1\\/2 3\\/4 3rd $5 .5 1e5 -", "1\\/2 <unk> <unk> <unk> <unk> <unk> <unk>"),
        ("xyzzy <unk> N n <eos>", "<unk> <unk> N <unk> <eos>"),
        (" \t the\r\n  the ", "the the"),
        ("", ""),
    ],
)
def test_words_as_the_penn_treebank_writes_them(typed: str, read: str) -> None:
    assert read_words(typed, PTB_LIKE) == read.split()


@pytest.mark.parametrize(
    ("typed", "read"), [("The the", "The <unk>"), ("1987 1988", "1987 <unk>"), ("3rd", "3rd"), ("N", "<unk>")]
)
def test_words_as_a_corpus_of_ones_own_writes_them(typed: str, read: str) -> None:
    assert read_words(typed, OWN) == read.split()
