"""`ptbterm score`: files, pipes and tables in, one row per word out."""

import gzip
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ptbterm as package
from tests.cli.score_examples import HEADER, TEXT, table
from tests.commands import Command


def test_a_row_a_word(ptbterm: Command, tiny_run: Path, text: Path) -> None:
    result = ptbterm("score", text, "--run", "tiny")
    assert result.exit_code == 0
    header, *rows = table(result.stdout)
    assert header == HEADER
    assert [row[:5] for row in rows[:3]] == [
        ["1", "1", "The", "the", "0"],
        ["1", "2", "company", "company", "0"],
        ["1", "3", "said", "said", "0"],
    ]
    assert rows[-1][:5] == ["3", "4", "zebra", "<unk>", "1"]
    for row in rows:
        assert float(row[6]) * math.log(2) == pytest.approx(-float(row[5]), rel=1e-6)
    assert "Run: tiny" in result.stderr
    assert "unknown words 1 (" in result.stderr


def test_file_pipe_gzip_json_lines_and_python_give_the_same_digits(
    ptbterm: Command, tiny_run: Path, text: Path, tmp_path: Path
) -> None:
    zipped = tmp_path / "text.txt.gz"
    zipped.write_bytes(gzip.compress(TEXT.encode()))
    from_file = ptbterm("score", text).stdout
    assert ptbterm("score", stdin=TEXT).stdout == from_file
    assert ptbterm("score", "-", stdin=TEXT).stdout == from_file
    assert ptbterm("score", zipped).stdout == from_file
    records = [json.loads(line) for line in ptbterm("score", text, "--format", "jsonl").stdout.splitlines()]
    assert list(records[0]) == HEADER
    assert [f"{record['log_probability']:.9g}" for record in records] == [row[5] for row in table(from_file)[1:]]
    assert records[-1]["is_unknown"] is True
    words = package.load("tiny").surprisal(TEXT)
    assert [f"{word.log_probability:.9g}" for word in words] == [row[5] for row in table(from_file)[1:]]


def test_a_stream_is_what_eval_scores_after_the_first_word(ptbterm: Command, tiny_run: Path, corpus: Path) -> None:
    file = corpus / "test.txt"
    file.write_text(file.read_text() * 100)
    _, *rows = table(ptbterm("score", file, "--context", "stream", "--eos").stdout)[1:]
    nats = [-float(row[5]) for row in rows]
    evaluated = json.loads(ptbterm("eval", "--json", "--corpus", corpus).stdout)
    assert len(rows) == evaluated["words"]
    assert [row[4] for row in rows].count("1") == evaluated["unknown_words"]
    assert sum(nats) / len(nats) == pytest.approx(evaluated["bits_per_word"] * math.log(2), abs=1e-6)


def test_columns_are_carried_through(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text('item,condition,sentence\n7,long,"the company, it said"\n8,short,this is\n')
    header, *rows = table(ptbterm("score", file, "--column", "item", "--column", "condition").stdout)
    assert header == [*HEADER[:2], "item", "condition", *HEADER[2:]]
    assert [row[:5] for row in (rows[0], rows[-1])] == [
        ["1", "1", "7", "long", "the"],
        ["2", "2", "8", "short", "is"],
    ]
    wrong = ptbterm("score", file, "--column", "itme")
    assert wrong.exit_code == 1
    assert "has no column 'itme'" in wrong.stderr
    assert "Did you mean item?" in wrong.stderr


def test_more_columns(ptbterm: Command, tiny_run: Path, text: Path) -> None:
    header, first, second, *_ = table(
        ptbterm("score", text, "--with", "length,previous_surprisal,entropy_reduction").stdout
    )
    assert header[-3:] == ["length", "previous_surprisal", "entropy_reduction"]
    assert (first[-3], first[-2]) == ("3", "")
    assert second[-2] == first[6]
    assert float(first[-1]) == pytest.approx(max(0.0, float(first[8]) - float(second[8])), abs=1e-6)
    wrong = ptbterm("score", text, "--with", "color")
    assert wrong.exit_code == 2


def test_rows_as_typed(ptbterm: Command, tiny_run: Path) -> None:
    rows = table(ptbterm("score", "--per-word", stdin='The "company," said.\n').stdout)[1:]
    assert [row[2] for row in rows] == ["The", '"company,"', "said."]


PAIRS = {"pairs.tsv": "the company said\tthe company rose\n", "pairs.csv": "the company said,the company rose\n"}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("has_header", [True, False], ids=["header", "no header"])
def test_pairs_in_any_table_from_a_file_and_from_a_pipe(
    ptbterm: Command, tiny_run: Path, tmp_path: Path, name: str, has_header: bool
) -> None:
    expected = ptbterm("score", "--pairs", stdin=PAIRS["pairs.tsv"])
    header, row = table(expected.stdout)
    assert header[:2] == ["pair", "likelier"]
    assert (row[0], row[5]) == ("1", "3")
    pair = PAIRS[name]
    text = (
        ("sentence_1\tsentence_2\n" if "\t" in pair else "sentence_1,sentence_2\n") + pair if has_header else pair
    )
    (tmp_path / name).write_text(text)
    (tmp_path / "pairs.txt").write_text(text)
    results = (
        ptbterm("score", "--pairs", tmp_path / name),
        ptbterm("score", "--pairs", tmp_path / "pairs.txt"),
        ptbterm("score", "--pairs", stdin=text),
    )
    for result in results:
        assert (result.exit_code, result.stdout) == (0, expected.stdout)
        assert ("line 1 is read as the first pair" in result.stderr) == (not has_header)


def test_columns_go_with_pairs(ptbterm: Command, tiny_run: Path) -> None:
    text = "pair,sentence_2,sentence_1\nx,the company rose,the company said\n"
    header, row = table(ptbterm("score", "--pairs", "--column", "pair", stdin=text).stdout)
    assert header[:3] == ["input_pair", "pair", "likelier"]
    expected = table(ptbterm("score", "--pairs", stdin=PAIRS["pairs.tsv"]).stdout)[1]
    assert row == ["x", *expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("only one\n", "stdin, line 1 is not a pair of sentences."),
        ("a\tb\nc\td\te\n", "stdin, line 2: the number of cells is 3, but 2 in the first line."),
        ("sentence_1\tsentence 2\na\tb\n", "stdin has no column 'sentence_2'"),
        ("sentence_1\tsentence_2\na\n", "stdin, line 2: the number of cells is 1, but 2 in the first line."),
    ],
)
def test_no_pairs(ptbterm: Command, tiny_run: Path, text: str, reason: str) -> None:
    result = ptbterm("score", "--pairs", stdin=text)
    assert result.exit_code == 1
    assert reason in result.stderr


@pytest.mark.parametrize("nothing", ["", "\n  \n\n"])
def test_nothing_to_score(ptbterm: Command, tiny_run: Path, nothing: str) -> None:
    result = ptbterm("score", stdin=nothing)
    assert result.exit_code == 1
    assert "The text has no words to score." in result.stderr


def test_bad_bytes_are_named_by_line_and_byte(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes(b"fine\nna\xefve\n")
    result = ptbterm("score", file)
    assert result.exit_code == 1
    assert "line 2, byte 3 is 0xef" in result.stderr
    missing = ptbterm("score", tmp_path / "missing.txt")
    assert missing.exit_code == 1
    assert "No such file" in missing.stderr


def test_control_characters_are_made_visible(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", stdin="the \x1b[31mred company\n")
    assert "\x1b" not in result.stdout
    assert "\\x1b" in result.stdout


@pytest.mark.process
def test_any_locale(tiny_run: Path, home: Path) -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-P", "-m", "ptbterm", "score"]
    ended = subprocess.run(
        command, input="caf\u00e9 the\n".encode(), env=environment, capture_output=True, check=True
    )
    assert b"Traceback" not in ended.stderr
    assert ended.stdout.count(b"\n") == 3
