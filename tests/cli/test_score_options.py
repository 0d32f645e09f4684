"""`ptbterm score`: adapting, unseen words, guesses, and digits that depend on nothing else."""

import json
import math
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

import ptbterm as package
from ptbterm.cli import score_rows
from tests.cli.score_examples import HEADER, table
from tests.commands import Command
from tests.examples.texts import SENTENCES


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
    monkeypatch.setitem(score_rows.MORE_FIELDS, "toy", lambda row: f"{row.word.start}.{len(row.word.word)}")
    rows = table(ptbterm("score", "--with", "toy,length", stdin="the company\n").stdout)
    assert rows[0][-2:] == ["toy", "length"]
    assert [row[-2:] for row in rows[1:]] == [["0.3", "3"], ["4.7", "7"]]
