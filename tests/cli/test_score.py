"""`ptbterm score`: files, pipes and tables in, a row a word out."""

import csv
import gzip
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command

HEADER = [
    "sentence",
    "position",
    "word",
    "modelled_as",
    "is_unknown",
    "log_probability",
    "surprisal_bits",
    "rank",
    "entropy_bits",
]
TEXT = "The company said its shares rose 12 %\n\nthis is an zebra\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    return file


def table(output: str) -> list[list[str]]:
    return list(csv.reader(output.splitlines(), delimiter="\t"))


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
    assert rows[-1][:5] == ["2", "4", "zebra", "<unk>", "1"]
    for row in rows:
        assert float(row[6]) * math.log(2) == pytest.approx(-float(row[5]), rel=1e-6)
    assert "Run: tiny" in result.stderr
    assert "unknown words 1 (" in result.stderr


def test_file_pipe_gzip_and_json_lines_give_the_same_digits(
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


def test_a_stream_agrees_with_eval(ptbterm: Command, tiny_run: Path, corpus: Path) -> None:
    rows = table(ptbterm("score", corpus / "test.txt", "--context", "stream", "--eos").stdout)[1:]
    evaluated = json.loads(ptbterm("eval", "--json", "--corpus", corpus).stdout)
    scored = rows[1:]  # eval does not score the first word, and has no <eos> before it
    mean = sum(float(row[6]) for row in scored) / len(scored)
    assert len(scored) == evaluated["words"]
    assert mean == pytest.approx(evaluated["bits_per_word"], rel=0.02)


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
    wrong = ptbterm("score", text, "--with", "colour")
    assert wrong.exit_code == 2


def test_rows_as_typed(ptbterm: Command, tiny_run: Path) -> None:
    rows = table(ptbterm("score", "--per-word", stdin='The "company," said.\n').stdout)[1:]
    assert [row[2] for row in rows] == ["The", '"company,"', "said."]


def test_pairs(ptbterm: Command, tiny_run: Path) -> None:
    header, row = table(ptbterm("score", "--pairs", stdin="the company said\tthe company rose\n").stdout)
    assert header[:2] == ["pair", "likelier"]
    assert (row[0], row[5]) == ("1", "3")
    lone = ptbterm("score", "--pairs", stdin="only one\n")
    assert lone.exit_code == 1
    assert "There is no pair of sentences in stdin, line 1." in lone.stderr


@pytest.mark.parametrize("nothing", ["", "\n  \n\n"])
def test_nothing_to_score(ptbterm: Command, tiny_run: Path, nothing: str) -> None:
    result = ptbterm("score", stdin=nothing)
    assert result.exit_code == 1
    assert "There is no word to score in the text." in result.stderr


def test_bad_bytes_are_named_by_line_and_byte(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes(b"fine\nna\xefve\n")
    result = ptbterm("score", file)
    assert result.exit_code == 1
    assert "line 2, byte 3 is 0xef" in result.stderr
    missing = ptbterm("score", tmp_path / "missing.txt")
    assert missing.exit_code == 1
    assert "There is no file" in missing.stderr


def test_control_characters_are_made_visible(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", stdin="the \x1b[31mred company\n")
    assert "\x1b" not in result.stdout
    assert "\\x1b" in result.stdout


def test_any_locale(tiny_run: Path, home: Path) -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "ptbterm", "score"]
    ended = subprocess.run(
        command, input="caf\u00e9 the\n".encode(), env=environment, capture_output=True, check=True
    )
    assert b"Traceback" not in ended.stderr
    assert ended.stdout.count(b"\n") == 3


def test_frequency_is_that_in_the_training_text(ptbterm: Command, tiny_run: Path, corpus: Path) -> None:
    training = (corpus / "train.txt").read_text().split()
    header, *rows = table(ptbterm("score", "--with", "frequency", stdin="The company zebra\n").stdout)
    assert header[-1] == "frequency"
    assert [(row[2], row[-1]) for row in rows] == [
        ("The", str(training.count("the"))),
        ("company", str(training.count("company"))),
        ("zebra", ""),
    ]
    (tiny_run / "word_counts.txt").unlink()
    old = ptbterm("score", "--with", "frequency", stdin="the\n")
    assert old.exit_code == 1
    assert "the run is older than word counts are" in old.stderr


def test_adapting_makes_a_text_that_comes_again_likelier(ptbterm: Command, tiny_run: Path) -> None:
    line = "this is the company zebra\n"
    plain, adapted = (
        table(ptbterm("score", *options, stdin=line * 5).stdout)[1:] for options in ([], ["--adapt"])
    )
    assert plain[:5] == adapted[:5]  # scored before anything was learnt
    assert sum(float(row[6]) for row in adapted[-5:]) < sum(float(row[6]) for row in plain[-5:])
    frozen = ptbterm("score", "--adapt", "--adapt-rate", "0", stdin=line * 5).stdout
    assert table(frozen)[1:] == plain


def test_what_was_learnt_is_kept_as_a_run(ptbterm: Command, tiny_run: Path) -> None:
    line = "this is the company zebra\n"
    learnt = ptbterm("score", "--adapt", "--save-adapted", "reader", stdin=line * 5)
    assert learnt.exit_code == 0
    assert "Saved what it has learnt as run reader." in learnt.stderr
    again = table(ptbterm("score", "--run", "reader", stdin=line).stdout)[1:]
    sixth = table(ptbterm("score", "--run", "tiny", "--adapt", stdin=line * 6).stdout)[-5:]
    assert [float(row[5]) for row in again] == pytest.approx([float(row[5]) for row in sixth])
    (reader,) = (run for run in json.loads(ptbterm("runs", "list", "--json").stdout) if run["run"] == "reader")
    assert reader["state"] == "finished"
    assert ptbterm("eval", "reader").exit_code == 0
    resumed = ptbterm("resume", "reader", "--view", "plain")
    assert resumed.exit_code == 1
    assert "ptbterm resume tiny" in resumed.stderr
    taken = ptbterm("score", "--adapt", "--save-adapted", "reader", stdin=line)
    assert taken.exit_code == 1
    assert "There is a run named reader already." in taken.stderr


def test_nothing_is_learnt_without_adapt(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", "--save-adapted", "reader", stdin="the\n")
    assert result.exit_code == 2
    assert "--adapt is missing" in result.stderr
