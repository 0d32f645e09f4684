"""Own texts from end to end: what is decided is said, and every command reads the same words."""

import gzip
import json
import math
from pathlib import Path

import pytest

from tests.cli.score_examples import table
from tests.commands import Command

PEOPLE, VERBS, THINGS = (
    ("Anna", "Ben", "Clara"),
    ("saw", "didn't see", "liked"),
    ("the dog", "a well-known U.S. town"),
)
LINES = [
    f"{who} {did} {what}{end}"
    for end in (".", "!", ", too.")
    for who in PEOPLE
    for did in VERBS
    for what in (*THINGS, f"{who}'s friend")
] * 4
for number in range(12):
    LINES.insert(20 * number, f"Rare{number} words.")
LINES.append("Rare words.")
TINY = (
    *("--preset", "small", "--view", "none", "--set", "model.hidden_size=8", "--set", "training.epochs=1"),
    *("--set", "training.batch_size=4", "--set", "training.num_steps=5", "--set", "training.threads=1"),
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "book.txt"
    file.write_text("\n".join(LINES) + "\n")
    return file


@pytest.fixture
def own(ptbterm: Command, book: Path, home: Path) -> None:
    """A run of that name, trained on the book."""
    ptbterm("train", "--corpus", book, "--name", "own", *TINY)


def evaluated(ptbterm: Command, *options: object) -> dict[str, float]:
    result = ptbterm("eval", "--json", *options)
    assert result.exit_code == 0, result.stderr
    values: dict[str, float] = json.loads(result.stdout)
    return values


def test_training_says_how_it_reads_and_remembers_it(ptbterm: Command, book: Path, home: Path) -> None:
    result = ptbterm("train", "--corpus", book, "--name", "own", *TINY)
    assert result.exit_code == 0, result.stderr
    assert "words and punctuation are split apart (corpus.tokenizer=words)" in result.stderr
    assert (
        "are read as <unk>, so that the model learns about unknown words: 12 (corpus.minimum_count=2)"
        in result.stderr
    )
    settings = (home / "runs" / "own" / "settings.toml").read_text()
    assert 'tokenizer = "words"' in settings
    assert "minimum_count = 2" in settings


def test_eval_and_score_agree_on_the_whole_file_and_on_a_compressed_one(
    ptbterm: Command, book: Path, tmp_path: Path, own: None
) -> None:
    whole = evaluated(ptbterm, "own", "--corpus", book)
    _, *rows = table(ptbterm("score", book, "--context", "stream", "--eos").stdout)[1:]
    assert whole["words"] == len(rows)
    assert whole["unknown_words"] == sum(row[4] == "1" for row in rows)
    nats = -math.fsum(float(row[5]) for row in rows)
    assert whole["bits_per_word"] * math.log(2) == pytest.approx(nats / len(rows), abs=1e-6)
    packed = tmp_path / "book.txt.gz"
    packed.write_bytes(gzip.compress(book.read_bytes()))
    assert evaluated(ptbterm, "own", "--corpus", packed)["perplexity"] == whole["perplexity"]
    assert evaluated(ptbterm, "own", "--corpus", book, "--split", "test") == pytest.approx(
        evaluated(ptbterm, "own") | {"seconds": pytest.approx(0, abs=60)}
    )
    printed = ptbterm("eval", "own", "--corpus", book).stdout
    assert "split          the whole text" in printed
    assert "without <unk>" in printed


def test_a_folder_needs_only_the_split_that_is_asked_for(ptbterm: Command, tmp_path: Path, own: None) -> None:
    folder = tmp_path / "only"
    folder.mkdir()
    (folder / "test.txt").write_text("Anna saw the dog.\n")
    assert evaluated(ptbterm, "own", "--corpus", folder)["words"] == 5
    assert "split          test" in ptbterm("eval", "own", "--corpus", folder).stdout
    result = ptbterm("eval", "own", "--corpus", folder, "--split", "valid")
    assert (result.exit_code, "has no valid text" in result.stderr) == (1, True)


def test_unknown_words_that_were_never_trained_are_explained(
    ptbterm: Command, book: Path, tmp_path: Path, home: Path
) -> None:
    untrained = ("--set", "corpus.minimum_count=1", "--name", "own")
    trained = ptbterm("train", "--corpus", book, *untrained, *TINY)
    assert "<unk> does not occur in training" in trained.stderr
    text = tmp_path / "new.txt"
    text.write_text("Anna saw zebras.\n")
    for result in (ptbterm("eval", "own", "--corpus", text), ptbterm("score", text)):
        assert "<unk> did not occur in training, so its probability is arbitrary" in result.stderr


def test_eval_says_what_it_notices_as_score_does(ptbterm: Command, tmp_path: Path, own: None) -> None:
    for name, content, remark in (
        ("items.csv", "item,sentence\n1,Anna saw the dog.\n", "looks like a table with 2 columns"),
        ("items.jsonl", '{"text": "Anna saw the dog."}\n', "looks like JSON"),
        ("marked.txt", "Anna saw the dog. </s>\n", "1 of 1 lines end with </s>"),
    ):
        file = tmp_path / name
        file.write_text(content)
        assert remark in ptbterm("eval", "own", "--corpus", file).stderr


def test_the_minimum_count_that_is_proposed_trains_unknown_words(
    ptbterm: Command, tmp_path: Path, home: Path
) -> None:
    file = tmp_path / "own.txt"
    file.write_text("Anna saw Ben\n" * 40 + "Anna saw it\n" * 3 + "Anna saw me\n" * 10)
    said = ptbterm("train", "--corpus", file, "--name", "own", *TINY).stderr
    assert "<unk> does not occur in training" in said
    assert "--set corpus.minimum_count=4" in said
    assert "Train with --set corpus.minimum_count=4" in " ".join(ptbterm("corpus", "show", file).stdout.split())
    again = ptbterm("train", "--corpus", file, "--name", "two", *TINY, "--set", "corpus.minimum_count=4")
    assert "<unk> does not occur" not in again.stderr


def test_the_form_of_a_text_can_be_chosen(ptbterm: Command, tiny_run: Path) -> None:
    typed, as_it_stands = (
        [row[3] for row in table(ptbterm("score", "--form", form, stdin="The company, this is.\n").stdout)[1:]]
        for form in ("typed", "corpus")
    )
    assert typed == ["the", "company", "this", "is"]
    assert as_it_stands == ["<unk>", "<unk>", "this", "<unk>"]


def test_a_text_of_300_words_trains_and_learns(ptbterm: Command, tmp_path: Path, home: Path) -> None:
    file = tmp_path / "small.txt"
    file.write_text("the dog saw the cat\nthe cat saw a dog\na man saw the dog\n" * 22)
    result = ptbterm("train", "--corpus", file, "--name", "own", "--preset", "small", "--view", "none")
    assert result.exit_code == 1
    assert "a window of 20 x 20 words needs 420" in result.stderr
    assert "--set training.batch_size=5 --set training.num_steps=10" in result.stderr
    smaller = ("--set", "training.batch_size=4", "--set", "training.num_steps=10", "--set", "training.threads=1")
    trained = ptbterm("train", "--corpus", file, "--name", "own", "--preset", "small", "--view", "none", *smaller)
    assert trained.exit_code == 0, trained.stderr
    assert evaluated(ptbterm, "own")["perplexity"] < 4


def test_a_book_in_long_lines_becomes_sentences(ptbterm: Command, tmp_path: Path) -> None:
    file = tmp_path / "one line.txt"
    file.write_text("Mr. Lee slept. He woke! ")
    refused = ptbterm("train", "--corpus", file)
    assert refused.exit_code == 1
    assert f"ptbterm corpus sentences '{file}' > sentences.txt" in " ".join(refused.stderr.split())
    assert ptbterm("corpus", "sentences", file).stdout == "Mr. Lee slept.\nHe woke!\n"
    file.write_text("He woke! " + " " * 2**20)
    assert ptbterm("corpus", "sentences", file).stdout == "He woke!\n"


def test_chat_reads_a_pipe_as_files_are_read(ptbterm: Command, tiny_run: Path) -> None:
    expected = ptbterm("chat", "--json", stdin="the company\nit\n")
    assert len(expected.stdout.splitlines()) == 2
    for data in (b"the company\rit\r", b"\xef\xbb\xbfthe company\r\nit", gzip.compress(b"the company\nit\n")):
        assert ptbterm("chat", "--json", stdin=data).stdout == expected.stdout
    refused = ptbterm("chat", "--json", stdin="the company\n".encode("utf-16"))
    assert (refused.exit_code, "it is UTF-16 text" in refused.stderr) == (1, True)
