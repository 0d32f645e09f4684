"""`ptbterm score`: files, pipes and tables in, one row per word out."""

import csv
import gzip
import json
import math
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

import ptbterm as package
from ptbterm.cli import score_rows
from tests.commands import Command
from tests.examples.texts import SENTENCES

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


def rows_of(lines: list[str], output: str) -> dict[str, list[list[str]]]:
    """The rows of each line, without its number."""
    rows = defaultdict(list)
    for number, *row in table(output)[1:]:
        rows[int(number)].append(row)
    return {lines[number - 1]: scores for number, scores in rows.items()}


def same_within_rounding(rows: list[list[str]], others: list[list[str]]) -> bool:
    figures, other_figures = ([float(cell) for row in table for cell in row[5:]] for table in (rows, others))
    return [row[:5] for row in rows] == [row[:5] for row in others] and figures == pytest.approx(
        other_figures, abs=1e-5
    )


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


def test_a_stream_is_what_eval_scores_and_the_first_word(ptbterm: Command, tiny_run: Path, corpus: Path) -> None:
    file = corpus / "test.txt"
    text = file.read_text() * 100
    file.write_text(text)
    rows = table(ptbterm("score", file, "--context", "stream", "--eos").stdout)[1:]
    nats = [-float(row[5]) for row in rows]
    assert len(rows) == json.loads(ptbterm("eval", "--json", "--corpus", corpus).stdout)["words"] + 1

    file.write_text(f"<eos> {text}")  # from here on eval has read before the first word what score has
    evaluated = json.loads(ptbterm("eval", "--json", "--corpus", corpus).stdout)
    assert len(rows) == evaluated["words"]
    assert [row[4] for row in rows].count("1") == evaluated["unknown_words"]
    assert sum(nats) / len(nats) == pytest.approx(evaluated["bits_per_word"] * math.log(2), abs=1e-5)
    assert math.exp(sum(nats) / len(nats)) == pytest.approx(evaluated["perplexity"], rel=1e-5)


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
    assert ptbterm("score", "--pairs", tmp_path / name) == expected
    assert ptbterm("score", "--pairs", tmp_path / "pairs.txt") == expected
    assert ptbterm("score", "--pairs", stdin=text) == expected


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
        ("a\tb\nc\td\te\n", "stdin, line 2 is not a pair of sentences."),
        ("sentence_1\tsentence 2\na\tb\n", "stdin has no column 'sentence_2'"),
        ("sentence_1\tsentence_2\na\n", "stdin has 1 cells in line 2, but 2 in its header."),
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
    assert "the run was made before word counts were saved" in old.stderr


def test_adapting_makes_a_repeated_text_more_likely(ptbterm: Command, tiny_run: Path) -> None:
    line = "this is the company zebra\n"
    plain, adapted = (
        table(ptbterm("score", *options, stdin=line * 5).stdout)[1:] for options in ([], ["--adapt"])
    )
    assert same_within_rounding(plain[:5], adapted[:5])  # scored before adapting
    assert sum(float(row[6]) for row in adapted[-5:]) < sum(float(row[6]) for row in plain[-5:])
    frozen = ptbterm("score", "--adapt", "--adapt-rate", "0", stdin=line * 5).stdout
    assert same_within_rounding(table(frozen)[1:], plain)


def test_the_adapted_model_is_saved_as_a_run(ptbterm: Command, tiny_run: Path) -> None:
    line = "this is the company zebra\n"
    learned = ptbterm("score", "--adapt", "--save-adapted", "reader", stdin=line * 5)
    assert learned.exit_code == 0
    assert "Saved the adapted model as run reader." in learned.stderr
    again = table(ptbterm("score", "--run", "reader", stdin=line).stdout)[1:]
    sixth = table(ptbterm("score", "--run", "tiny", "--adapt", stdin=line * 6).stdout)[-5:]
    assert same_within_rounding([["1", *row[1:]] for row in sixth], again)
    (reader,) = (run for run in json.loads(ptbterm("runs", "list", "--json").stdout) if run["run"] == "reader")
    assert reader["state"] == "finished"
    assert ptbterm("eval", "reader").exit_code == 0
    resumed = ptbterm("resume", "reader", "--view", "plain")
    assert resumed.exit_code == 1
    assert "ptbterm resume tiny" in resumed.stderr
    taken = ptbterm("score", "--adapt", "--save-adapted", "reader", stdin=line)
    assert taken.exit_code == 1
    assert "A run named reader already exists." in taken.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--save-adapted", "reader"], "--save-adapted requires --adapt"),
        (["--adapt-rate", "1"], "--adapt-rate requires --adapt"),
        (["--adapt", "--adapt-rate", "nan"], "--adapt-rate"),
        (["--unknown", "uniform"], "--unknown-types"),
        (["--unknown-types", "9"], "--unknown uniform"),
        (["--column", "item", "--column", "item"], "twice"),
        (["--pairs", "--with", "length"], "--pairs"),
        (["--pairs", "--eos"], "--pairs"),
        (["--pairs", "--guesses", "1"], "--pairs"),
        (["--pairs", "--text-column", "text"], "--pairs"),
    ],
    ids=str,
)
def test_options_that_do_not_go_together(
    ptbterm: Command, tiny_run: Path, options: list[str], message: str
) -> None:
    result = ptbterm("score", *options, stdin="the\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


TABLES = {
    "items.tsv": "item\tsentence\n7\tthe company, it said\n8\tthis is\n",
    "items.csv": 'item,sentence\n7,"the company, it said"\n8,this is\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_from_a_file_and_from_a_pipe(ptbterm: Command, tiny_run: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(TABLES[name])
    for asked, also in (("--column", "item"), ("--text-column", "sentence")):
        from_file = ptbterm("score", file, asked, also)
        assert len(table(from_file.stdout)) == 1 + 4 + 2
        assert ptbterm("score", asked, also, stdin=TABLES[name]) == from_file
    assert ptbterm("score", file) == from_file


def test_a_table_of_one_column_needs_no_quotes(ptbterm: Command, tiny_run: Path) -> None:
    rows = table(ptbterm("score", "--text-column", "text", stdin="text\nthe company, it said\n").stdout)[1:]
    assert [row[2] for row in rows] == ["the", "company", "it", "said"]


def test_a_column_with_a_name_of_ours_is_called_input(ptbterm: Command, tiny_run: Path) -> None:
    text = "sentence,word,rank,input_word,length\nthis is,verb,7,x,short\n"
    names = ["sentence", "word", "rank", "input_word", "length"]
    columns = [option for name in names for option in ("--column", name)]
    header, first, _ = table(ptbterm("score", *columns, stdin=text).stdout)
    renamed = ["input_sentence", "input_input_word", "input_rank", "input_word", "length"]
    assert header == [*HEADER[:2], *renamed, *HEADER[2:]]
    assert first[:8] == ["1", "1", "this is", "verb", "7", "x", "short", "this"]
    options = [*columns, "--with", "length", "--format", "jsonl"]
    record = json.loads(ptbterm("score", *options, stdin=text).stdout.splitlines()[0])
    assert (record["sentence"], record["word"], record["length"]) == (1, "this", 4)
    assert [record[name] for name in [*renamed[:4], "input_length"]] == ["this is", "verb", "7", "x", "short"]


def test_unseen_words_may_share_the_probability_of_unk(ptbterm: Command, tiny_run: Path) -> None:
    types, text = 100, "the zebra said\n"
    plain = ptbterm("score", stdin=text)
    shared = ptbterm("score", "--unknown", "uniform", "--unknown-types", str(types), stdin=text)
    nats = [float(row[5]) for row in table(plain.stdout)[1:]]
    rows = table(shared.stdout)[1:]
    nats[1] -= math.log(types)
    assert [float(row[5]) for row in rows] == pytest.approx(nats, rel=1e-6)
    perplexity, known_words = re.findall(r"Perplexity ([\d.]+).* ([\d.]+) without them", shared.stderr)[0]
    assert float(perplexity) == pytest.approx(math.exp(-sum(nats) / 3), rel=1e-3)
    assert known_words in plain.stderr

    model = package.load("tiny")
    for row, context, own in zip(rows, ["", "the", "the zebra"], nats, strict=True):
        probabilities = {word.word: word.probability for word in model.next_words(context, k=100)}
        of_unseen = probabilities.pop("<unk>") / types
        everyone = [*probabilities.values(), *[of_unseen] * types]
        more_likely = sum(other > math.exp(own) * (1 + 1e-4) for other in everyone)  # but for itself, and rounding
        assert int(row[7]) == 1 + more_likely
        assert float(row[8]) == pytest.approx(-sum(share * math.log2(share) for share in everyone), rel=1e-4)


def test_the_most_likely_words_at_each_position(ptbterm: Command, tiny_run: Path) -> None:
    header, *rows = table(ptbterm("score", "--guesses", "2", "--eos", stdin="the company ... said\n").stdout)
    assert header[len(HEADER) :] == ["guess_1", "guess_1_probability", "guess_2", "guess_2_probability"]
    model = package.load("tiny")
    for row, context in zip(rows, ["", "the", "the company", "the company said"], strict=True):
        first, second = model.next_words(context, k=2)
        assert (row[9], row[11]) == (first.word, second.word)
        assert [float(row[10]), float(row[12])] == pytest.approx([first.probability, second.probability], rel=1e-4)
        if row[7] == "1":
            assert float(row[10]) == pytest.approx(math.exp(float(row[5])), rel=1e-6)
    lines = ptbterm(
        "score", "--guesses", "2", "--per-word", "--format", "jsonl", stdin="the company ... said\n"
    ).stdout
    records = [json.loads(line) for line in lines.splitlines()]
    assert [record["guess_1"] for record in records] == [rows[0][9], rows[1][9], None, rows[2][9]]
    all_words = table(ptbterm("score", "--guesses", "1000", stdin="the\n").stdout)[1][len(HEADER) :: 2]
    assert sorted(all_words) == sorted((tiny_run / "vocabulary.txt").read_text().split())


def made_up_lines() -> list[str]:
    random, words = Random(1), " ".join(SENTENCES).split()
    return [" ".join(random.choices(words, k=length)) for length in [*random.choices(range(1, 50), k=150), 300]]


def test_no_digit_depends_on_the_lines_beside_it(ptbterm: Command, tiny_run: Path) -> None:
    lines = made_up_lines()
    expected = rows_of(lines, ptbterm("score", "--eos", stdin="\n".join(lines)).stdout)
    shuffled = Random(2).sample(lines, len(lines))
    assert rows_of(shuffled, ptbterm("score", "--eos", stdin="\n".join(shuffled)).stdout) == expected
    for few in (lines[:1], lines[1:20], lines[::2]):
        actual = rows_of(few, ptbterm("score", "--eos", stdin="\n".join(few)).stdout)
        assert actual == {line: expected[line] for line in few}


def test_the_same_sentence_twice_has_the_same_score_twice(ptbterm: Command, tiny_run: Path) -> None:
    first, _, second = (SENTENCES[number] for number in (0, 1, 0))
    rows = table(ptbterm("score", stdin=f"{first}\n{SENTENCES[1]}\n{second}\n").stdout)[1:]
    once, again = ([row[1:] for row in rows if row[0] == number] for number in ("1", "3"))
    assert once == again


def test_a_text_of_unknown_words_alone(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("score", stdin="zebras gallop\nzebras\n")
    assert result.exit_code == 0
    rows = table(result.stdout)[1:]
    assert [row[3:5] for row in rows] == [["<unk>", "1"]] * 3
    assert all(math.isfinite(float(cell)) for row in rows for cell in row[5:])
    assert "unknown words 3 (100.0 %)." in result.stderr


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Run by a small process: the peak of a child is never below what its parent had when it was started."""


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.parametrize("context", ["sentence", "stream"])
def test_memory_does_not_grow_with_the_text(tiny_run: Path, tmp_path: Path, context: str) -> None:
    def peak_kilobytes(repeats: int) -> int:
        text = tmp_path / "text.txt"
        text.write_text("\n".join(made_up_lines() * repeats))
        command = [sys.executable, "-P", "-m", "ptbterm", "score", str(text), "--context", context]
        done = subprocess.run([sys.executable, "-c", PEAK, *command], capture_output=True, check=True)
        return int(done.stdout)

    assert peak_kilobytes(80) < peak_kilobytes(20) + 8_000


def test_a_new_column_is_a_line(ptbterm: Command, tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(score_rows.MORE_FIELDS, "toy", lambda row: f"{row.sentence}.{row.position}")
    rows = table(ptbterm("score", "--with", "toy,length", stdin="the company\n").stdout)
    assert rows[0][-2:] == ["toy", "length"]
    assert [row[-2:] for row in rows[1:]] == [["1.1", "3"], ["1.2", "7"]]
