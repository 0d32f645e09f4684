"""What auto decides about one's own text, and what is said about it."""

from dataclasses import replace
from pathlib import Path

import pytest

from ptbterm.corpus.decisions import attached_punctuation, noticed
from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import CorpusText, find_corpus
from ptbterm.settings.schema import CorpusSettings

RAW = 'The dog saw Anna.\nAnna ran home, and Ben too!\n"Come," Ben said.\nNo one, however, came.\n' * 3
TOKENIZED = "the dog saw anna .\nanna ran home , and ben too !\nno one , however , came .\nit was fun\n" * 3
PROSE = ["Yes, sir", "The dog ran, and the cat slept.", "Well, it rained.", "the end , he said"] * 3


def find(path: Path) -> CorpusText:
    def unexpected(_: object) -> None:
        raise AssertionError

    return find_corpus(str(path), path, unexpected, unexpected)


def encode(folder: Path, text: str, **settings: object) -> EncodedCorpus:
    file = folder / "own.txt"
    file.write_text(text)
    return encode_corpus(find(file), CorpusSettings(**settings), folder / "ids")  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "tokenizer"), [(RAW, "words"), (TOKENIZED, "whitespace")])
def test_the_tokenizer_follows_from_the_text_and_is_said(tmp_path: Path, text: str, tokenizer: str) -> None:
    reading = encode(tmp_path, text).reading
    assert reading.settings.tokenizer == tokenizer
    assert "% of the word types end in punctuation" in reading.remarks[0]
    assert f"corpus.tokenizer={tokenizer}" in reading.remarks[0]


def test_a_tokenizer_that_was_chosen_is_used_without_a_word(tmp_path: Path) -> None:
    corpus = encode(tmp_path, RAW, tokenizer="ptb", minimum_count=1)
    assert corpus.reading.settings.tokenizer == "ptb"
    assert corpus.reading.remarks == ()
    assert "anna" in corpus.vocabulary
    assert "Anna" not in corpus.vocabulary


def test_the_same_ids_serve_the_settings_of_the_run(tmp_path: Path) -> None:
    first = encode(tmp_path, RAW)
    again = encode_corpus(first.text, first.reading.settings, tmp_path / "ids")
    assert again.reading == first.reading
    assert len([cache for cache in (tmp_path / "ids").iterdir() if not cache.is_symlink()]) == 1


@pytest.mark.parametrize(
    ("text", "minimum"),
    [
        ("a a b b c\n" * 2 + "d e\n" * 1 + "a b c\n" * 8, 2),
        ("a a b b c\n" * 2 + "d <unk>\n" + "a b c\n" * 8, 1),
        ("a b c\n" * 12, 1),
    ],
    ids=["words that occur once", "has <unk> itself", "no rare words"],
)
def test_unknown_words_are_trained_in_ones_own_text(tmp_path: Path, text: str, minimum: int) -> None:
    corpus = encode(tmp_path, text)
    assert corpus.reading.settings.minimum_count == minimum
    assert (corpus.unknown_share("train") > 0) == ("<unk>" in text or minimum == 2)
    assert any("corpus.minimum_count=2" in remark for remark in corpus.reading.remarks) == (minimum == 2)


def test_texts_for_a_model_of_ones_own_text_are_read_as_that_text(tmp_path: Path) -> None:
    assert encode(tmp_path, "a b\n" * 12, tokenizer="whitespace", minimum_count=1).reading.form == "corpus"


@pytest.mark.parametrize(("size", "form"), [(10_000, "typed"), (4, "corpus")])
def test_texts_for_a_built_in_corpus_are_typed_unless_that_changes_its_words(
    tmp_path: Path, size: int, form: str
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("can not\n" * 12 + "cannot\n" * 3)
    built_in = replace(find(text), name="demo")
    corpus = encode_corpus(built_in, CorpusSettings(vocabulary_size=size), tmp_path / "ids")
    assert corpus.reading.form == form


def test_the_penn_treebank_is_read_as_it_stands(ptb: Path, tmp_path: Path) -> None:
    corpus = encode_corpus(find(ptb), CorpusSettings(), tmp_path / "ids")
    assert (corpus.reading.settings.tokenizer, corpus.reading.settings.minimum_count) == ("whitespace", 1)
    assert (corpus.reading.remarks, corpus.reading.form) == ((), "typed")
    lines = corpus.text.splits["train"].lines()
    assert attached_punctuation(lines) < 0.05


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["a b <eos>", "c <eos>"], "2 of 2 lines end with <eos>: it is read as the end of the line."),
        (["<s> a </s>", "b </s>"], "1 of 2 lines start with <s>: it is skipped"),
        (["[CLS] a [SEP]", "b <EOS>"], "1 of 2 lines end with [SEP]: it is read as the end of the line."),
        (
            ["a </s> b </s>", "c <|endoftext|>"],
            "</s> within lines is read as the end of a sentence (occurrences: 1).",
        ),
        (["a UNK b", "<UNK>"], "UNK is read as <unk> (occurrences: 1)."),
        (["\u6211\u4eec\u90fd\u559c\u6b22\u8bfb\u4e66", "b"], "Most words are long runs of characters"),
        (['{"text": "a b"}', '{"text": "c"}'], "The text looks like JSON"),
        (["[", '{"a": 1}', "]"], "The text looks like JSON"),
        (["<p>a b</p>", "<p>c</p>"], "The text looks like markup"),
        (["<?xml version='1.0'?>", "a"], "The text looks like markup"),
        (["item,text", *["1,a b"] * 5], "The text looks like a table with 2 columns, separated by commas"),
        (["1;the dog ran"] * 5, "The text looks like a table with 2 columns, separated by semicolons"),
        (["word,pos,count", *["a b,c d,e f"] * 5], "The text looks like a table with 3 columns"),
        (["item\ttext", *["1\ta b"] * 5], "The text looks like a table with 2 columns, separated by tabs"),
        (["item\ttext", "1\ta b"], "The text looks like a table with 2 columns, separated by tabs"),
        (["item,text", "1,a b"], "The text looks like a table with 2 columns, separated by commas"),
        (["1;a b", "2;c d e"], "The text looks like a table with 2 columns, separated by semicolons"),
        (['1,"a, b"', '2,"c"', '3,"d, e, f"'], "The text looks like a table with 2 columns, separated by commas"),
        (["id,text", '1,"a', 'b, c"', "2,d e"], "The text looks like a table with 2 columns, separated by commas"),
        (
            ["item|text", "1|a b", "2|c d"],
            "The text looks like a table with 2 columns, separated by vertical bars",
        ),
        (["| item | text |", "|---|---|", "| 1 | a b |"], "The text looks like a table with 2 columns"),
        (["{", '  "text": "a b",', '  "item": 1', "},"], "The text looks like JSON"),
        (
            ["[", "  {", '    "text": "a b",', '    "words": [', '      "a",', '      "b"'],
            "The text looks like JSON",
        ),
        (['[{"text": "a"},', '{"text": "b"},', '{"text": "c"},'], "The text looks like JSON"),
        (['{"text": "a"},', '{"text": "b"},'], "The text looks like JSON"),
    ],
)
def test_what_is_noticed(lines: list[str], says: str) -> None:
    assert any(remark.startswith(says) for remark in noticed(lines))


def test_marks_within_words_are_said_where_they_stay_there(tmp_path: Path) -> None:
    lines = "a garden.</s>\n" * 3 + "b\n" * 9
    said = "</s> is attached to other characters (in 1 word types) and read as a part of them."
    assert said in encode(tmp_path, lines, tokenizer="whitespace").reading.remarks
    assert said not in encode(tmp_path, lines, tokenizer="words").reading.remarks


@pytest.mark.parametrize(
    "lines",
    [[], ["a b"], ["a, b", "c d, e, f", "g"] * 4, ["[a] b", "{c}"], ["x < y", "a <unk>"], PROSE],
)
def test_ordinary_lines_are_not_noticed(lines: list[str]) -> None:
    assert noticed(lines) == ()
