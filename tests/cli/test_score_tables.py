"""`ptbterm score` on tables as people have them: a word a row, regions, BLiMP, semicolons."""

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.score_examples import HEADER, table
from tests.commands import Command

WORDS = [
    ("1", "The", "310"),
    ("1", "company", "290"),
    ("1", "said", "333"),
    ("2", "It", "250"),
    ("2", "is", "270"),
]


def sums(rows: list[list[str]], column: int = 6) -> list[float]:
    return [float(row[column]) for row in rows]


def test_a_word_a_row_gets_the_numbers_of_its_word(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "times.csv"
    file.write_text("story,word,rt\n" + "".join(f"{','.join(row)}\n" for row in WORDS))
    options = ("--text-column", "word", "--group", "story", "--column", "rt", "--with", "length")
    header, *rows = table(ptbterm("score", file, *options).stdout)
    assert header[:5] == ["sentence", "position", "rt", "word", "modelled_as"]
    assert [(row[0], row[1], row[2], row[3]) for row in rows] == [
        ("1", "1", "310", "The"),
        ("1", "2", "290", "company"),
        ("1", "3", "333", "said"),
        ("2", "1", "250", "It"),
        ("2", "2", "270", "is"),
    ]
    plain = table(ptbterm("score", stdin="The company said\nIt is\n").stdout)[1:]
    assert sums(rows, 7) == pytest.approx(sums(plain), abs=1e-6)


def test_regions_sum_their_words(ptbterm: Command, tiny_run: Path) -> None:
    whole = table(ptbterm("score", stdin="The company said it is\n").stdout)[1:]
    header, *regions = table(ptbterm("score", "--regions", stdin="The company | said | it is\n").stdout)
    assert header == HEADER
    assert [row[2] for row in regions] == ["The company", "said", "it is"]
    expected = [sum(sums(whole)[:2]), sums(whole)[2], sum(sums(whole)[3:])]
    assert sums(regions) == pytest.approx(expected, abs=1e-5)


def test_with_may_be_given_twice(ptbterm: Command, tiny_run: Path) -> None:
    text = "the company said\n"
    header, *rows = table(
        ptbterm("score", "--with", "length", "--with", "entred,entropy_reduction", stdin=text).stdout
    )
    assert header[-3:] == ["length", "entred", "entropy_reduction"]
    entropies = [float(row[8]) for row in rows]
    assert [float(row[10]) for row in rows] == pytest.approx(
        [0.0, *(max(0.0, before - after) for before, after in pairwise(entropies))],
        abs=1e-6,
    )
    assert [row[10] for row in rows[1:]] == [row[11] for row in rows[:-1]]


def test_csv_has_the_cells_of_tsv(ptbterm: Command, tiny_run: Path) -> None:
    text = 'the company, "it" said\n'
    rows = list(csv.reader(io.StringIO(ptbterm("score", "--format", "csv", stdin=text).stdout)))
    assert rows == table(ptbterm("score", stdin=text).stdout)


def test_a_refused_file_leaves_no_header(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", "--column", "item", stdin='item,sentence\n1,"a\n')
    assert (result.exit_code, result.stdout) == (1, "")


def test_rows_without_words_are_counted(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", "--column", "item", stdin="item,sentence\n1,the company\n2,\n3,said\n")
    assert [row[0] for row in table(result.stdout)[1:]] == ["1", "1", "3"]
    assert "1 row without words." in result.stderr


def test_rows_of_a_group_without_words_are_counted(ptbterm: Command, tiny_run: Path) -> None:
    text = "story,zone,word\n1,1,the\n1,2,\n1,3,company\n"
    options = ("--text-column", "word", "--group", "story", "--column", "zone", "--column", "story")
    result = ptbterm("score", *options, "--eos", stdin=text)
    assert "1 row without words." in result.stderr
    assert [row[2:5] for row in table(result.stdout)[1:]] == [
        ["1", "1", "the"],
        ["2", "1", ""],
        ["3", "1", "company"],
        ["", "1", "<eos>"],
    ]


def test_nothing_is_written_where_nothing_is_scored(ptbterm: Command, tiny_run: Path) -> None:
    for options in ((), ("--pairs",), ("--format", "csv")):
        result = ptbterm("score", *options, stdin="\n\n")
        assert (result.exit_code, result.stdout) == (1, "")


def test_pairs_without_a_header_by_number(ptbterm: Command, tiny_run: Path) -> None:
    text = "said\tit\nthe company\tit is\n"
    refused = ptbterm("score", "--pairs", stdin=text)
    assert "if it is a pair, give their numbers: --text-column 1 --text-column 2" in " ".join(
        refused.stderr.split()
    )
    result = ptbterm("score", "--pairs", "--text-column", "1", "--text-column", "2", stdin=text)
    assert [row[0] for row in table(result.stdout)[1:]] == ["1", "2"]
    said = ptbterm("score", "--pairs", stdin="the company\tit is\n")
    assert "stdin names no columns of sentences: line 1 is read as the first pair." in said.stderr


def test_what_looks_like_a_table_is_said(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", stdin="item,sentence\n" + "1,the company\n" * 6)
    assert "The text looks like a table with 2 columns, separated by commas" in result.stderr


def test_a_file_of_blimp(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "agreement.jsonl"
    pair = {
        "sentence_good": "it is the company",
        "sentence_bad": "company the is it",
        "UID": "order",
        "pairID": "0",
    }
    file.write_text(json.dumps(pair) + "\n")
    header, row = table(ptbterm("score", "--pairs", file, "--column", "UID").stdout)
    assert dict(zip(header, row, strict=True))["UID"] == "order"
    swapped = ("--text-column", "sentence_bad", "--text-column", "sentence_good")
    _, other = table(ptbterm("score", "--pairs", file, "--column", "UID", *swapped).stdout)
    assert {row[2], other[2]} == {"1", "2"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--pairs", "--text-column", "a"], "--text-column names one column, or with --pairs two."),
        (["--text-column", "a", "--text-column", "b"], "--text-column names one column, or with --pairs two."),
        (
            ["--pairs", "--text-column", "a", "--text-column", "a"],
            "--text-column names the same column twice.",
        ),
        (["--region-column", "a"], "--region-column requires --group."),
        (["--regions", "--group", "a"], "--regions can't be combined with --group."),
        (["--adapt-clip", "1"], "--adapt-clip requires --adapt."),
    ],
)
def test_options_that_do_not_fit(ptbterm: Command, tiny_run: Path, options: list[str], says: str) -> None:
    result = ptbterm("score", *options, stdin="the\n")
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.replace("│", " ").split())
