"""Running text becomes one sentence a line."""

import sys

import pytest

from ptbterm.corpus.sentence_splitter import split_sentences
from ptbterm.errors import PtbtermError

WRAPPED = [
    "Mr. Lee came to",
    "St. Paul's. He was",
    "late.",
    "",
    "  ",
    "CHAPTER II",
    "",
    '"Is it 3.5 miles?" she asked.',
]


def test_a_paragraph_ends_at_a_blank_line() -> None:
    assert list(split_sentences(WRAPPED, "en")) == [
        "Mr. Lee came to St. Paul's.",
        "He was late.",
        "CHAPTER II",
        '"Is it 3.5 miles?" she asked.',
    ]


def test_or_at_each_line() -> None:
    lines = ["One is here. Two\tcame", "Three. Four."]
    assert list(split_sentences(lines, "en", by_line=True)) == ["One is here.", "Two came", "Three.", "Four."]


def test_the_language_has_its_own_abbreviations() -> None:
    line = ["Das ist am 3. Mai. Und das?"]
    assert list(split_sentences(line, "de")) == ["Das ist am 3. Mai.", "Und das?"]


def test_without_the_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentencex", None)
    with pytest.raises(PtbtermError, match="requires sentencex") as caught:
        next(split_sentences(["a"], "en"))
    assert "ptbterm[sentences]" in caught.value.hint
