"""`ptbterm train`: the notebook's lines, or JSON, or nothing; and every bad input as one sentence."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ptbterm.errors import ExitCode
from ptbterm.runs.run import Run
from tests.commands import Command, Process
from tests.examples.texts import TINY

pytestmark = pytest.mark.process  # trains


@pytest.mark.parametrize("view", ["plain", "auto"])
def test_prints_the_lines_of_the_notebook(ptbterm: Command, corpus: Path, view: str) -> None:
    result = ptbterm("train", "--corpus", corpus, *TINY, "--view", view)
    assert result.exit_code == 0
    number = r"\d+\.\d{3}"
    epochs = [
        rf"Epoch {epoch} : Learning rate: 1\.000\n"
        rf"(\d\.\d{{3}} perplexity: {number} speed: \d+ wps\n)+"
        rf"Epoch {epoch} : Train Perplexity: {number}\n"
        rf"Epoch {epoch} : Valid Perplexity: {number}\n"
        for epoch in (1, 2)
    ]
    assert re.fullmatch("".join([*epochs, rf"Test Perplexity: {number}\n"]), result.stdout)


def test_says_on_stderr_what_it_reads_where_it_writes_and_what_to_try(ptbterm: Command, corpus: Path) -> None:
    lines = ptbterm("train", "--corpus", corpus, *TINY, "--name", "mine").stderr.splitlines()
    assert lines[0] == (
        "Corpus: letters, 19 word types; train 1,860 words (3.2 % <unk>), "
        "valid 93 words (3.2 % <unk>), test 93 words (3.2 % <unk>)."
    )
    assert lines[1].endswith("the text is read as tokenized, split at spaces (corpus.tokenizer=whitespace).")
    assert re.fullmatch(r"Run: .*/runs/mine", lines[2])
    assert re.fullmatch(r"Trained mine in \d:\d\d; best valid perplexity \d+\.\d{3}, after epoch 2\.", lines[3])
    assert [line.strip().split()[:2] for line in lines[5:7]] == [["ptbterm", "eval"], ["ptbterm", "generate"]]


def test_json_is_the_journal_itself(ptbterm: Command, home: Path, corpus: Path) -> None:
    result = ptbterm("train", "--corpus", corpus, *TINY, "--name", "mine", "--view", "json")
    assert result.stdout == (home / "runs/mine/events.jsonl").read_text()
    kinds = [json.loads(line)["kind"] for line in result.stdout.splitlines()]
    assert (kinds[0], kinds[-1]) == ("run_started", "run_finished")


def test_none_prints_no_result(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("train", "--corpus", corpus, *TINY, "--view", "none")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_run_directory_holds_all_that_the_contract_names(tiny_run: Path) -> None:
    files = {str(file.relative_to(tiny_run)) for file in tiny_run.rglob("*") if file.is_file()}
    assert files - {"trainer.lock"} == {
        "trainer.json",
        "settings.toml",
        "vocabulary.txt",
        "word_counts.txt",
        "events.jsonl",
        "checkpoints/last.safetensors",
        "checkpoints/previous.safetensors",
        "checkpoints/best.safetensors",
    }


def test_options_and_assignments_are_resolved_into_settings(ptbterm: Command, home: Path, corpus: Path) -> None:
    options = ["--preset", "notebook", "--seed", "7", "--device", "cpu", "--set", "model.keep_prob=0.5"]
    options += ["--set", "training.evaluation=stream"]  # the text is too small for 30 x 20 windows
    ptbterm("train", "--corpus", corpus, *TINY, *options, "--name", "mine")
    record = Run(home / "runs/mine").read_record()
    assert (record.preset, record.corpus.source) == ("notebook", str(corpus))
    assert (record.training.seed, record.training.device, record.training.num_steps) == (7, "cpu", 5)
    assert (record.model.keep_prob, record.model.shared_cell, record.run.vocabulary_size) == (0.5, True, 19)


def test_a_run_can_be_repeated_from_its_settings(ptbterm: Command, home: Path, corpus: Path) -> None:
    ptbterm("train", "--corpus", corpus, *TINY, "--name", "first")
    ptbterm("train", "--preset", home / "runs/first/settings.toml", "--name", "again")
    first, again = (home / "runs" / name / "checkpoints/last.safetensors" for name in ("first", "again"))
    assert first.read_bytes() == again.read_bytes()


def test_without_the_treebank_auto_trains_on_the_demo_corpus_and_says_so(ptbterm: Command, home: Path) -> None:
    quick = ["--set", "model.hidden_size=16", "--set", "training.windows=20"]
    result = ptbterm("train", *quick, "--name", "mine", "--view", "json")
    assert result.exit_code == 0
    assert "Using the demo corpus instead." in result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert {event["corpus"] for event in events if "corpus" in event} == {"demo corpus"}
    assert Run(home / "runs/mine").read_record().corpus.source == "demo"


def test_ptb_never_falls_back(ptbterm: Command, home: Path) -> None:
    result = ptbterm("train", "--corpus", "ptb", *TINY)
    assert result.exit_code == 1
    assert "PTBTERM_OFFLINE" in result.stderr
    assert not (home / "runs").exists()


@pytest.mark.parametrize(
    ("options", "sentence", "hint"),
    [
        (["--preset", "smal"], "No preset or settings file named 'smal'.", "Did you mean small?"),
        (["--set", "model.hiden_size=9"], "unknown setting 'model.hiden_size'", "model.hidden_size"),
        (["--set", "lr_decay=0.9"], "unknown setting 'lr_decay'", "Did you mean training.decay?"),
        (
            ["--set", "training.epochs=many"],
            "--set: training.epochs must be an integer of at least 1, not 'many'",
            "training.epochs:",
        ),
        (["--set", "training.epochs"], "--set 'training.epochs' is not in the form key=value.", "For example"),
        (["--seed", "-1"], "--seed: training.seed must be an integer of at least 0, not -1", "training.seed:"),
        (
            ["--device", "tpu"],
            "--device: training.device must be auto (CUDA if available), cpu, cuda or cuda:N, not 'tpu'",
            "cpu",
        ),
        (["--device", "cuda:99"], "Device cuda:99 is not available", "Use cpu, or install"),
        (["--name", "a/b"], "'a/b' is not a valid name for a run.", "letters, digits"),
        (["--set", "training.batch_size=500"], "The training text is too short", "training.batch_size=62"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    ptbterm: Command, home: Path, corpus: Path, options: list[str], sentence: str, hint: str
) -> None:
    result = ptbterm("train", "--corpus", corpus, *TINY, *options)
    code = ExitCode.FAILED if sentence.startswith(("Device cuda", "The training text")) else ExitCode.USAGE
    assert (result.exit_code, result.stdout) == (code, "")
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert sentence in error
    assert hint in result.stderr
    assert "Traceback" not in result.stderr
    assert not list((home / "runs").glob("*"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("train.txt", b"", "has no words"),
        ("test.txt", b"\n \n", "has no words"),
        ("valid.txt", b"a word\nna\xefve\n", "is not UTF-8 text: line 2, byte 3 is 0xef."),
    ],
)
def test_a_text_that_cannot_be_read(
    ptbterm: Command, home: Path, corpus: Path, name: str, content: bytes, sentence: str
) -> None:
    (corpus / name).write_bytes(content)
    result = ptbterm("train", "--corpus", corpus, *TINY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert str(corpus / name) in result.stderr
    assert not [place for place in home.rglob("*") if place.is_file()]
    assert {place.name for place in corpus.iterdir()} == {"train.txt", "valid.txt", "test.txt"}


def test_a_split_that_is_missing_and_a_path_that_is_not_there(ptbterm: Command, corpus: Path) -> None:
    (corpus / "valid.txt").unlink()
    assert f"Error: {corpus} has no valid text." in ptbterm("train", "--corpus", corpus).stderr
    assert "Error: No corpus found at" in ptbterm("train", "--corpus", corpus / "nowhere").stderr


def test_a_name_that_is_taken(ptbterm: Command, tiny_run: Path, corpus: Path) -> None:
    before = {file: file.read_bytes() for file in tiny_run.rglob("*") if file.is_file()}
    result = ptbterm("train", "--corpus", corpus, *TINY, "--name", "tiny")
    assert result.exit_code == 1
    assert "Error: A run named tiny already exists." in result.stderr
    assert {file: file.read_bytes() for file in tiny_run.rglob("*") if file.is_file()} == before


def test_a_single_file_is_cut_in_order(ptbterm: Command, tmp_path: Path) -> None:
    text = tmp_path / "poem.txt"
    text.write_text("".join(f"line number{number} ends\n" for number in range(100)))
    result = ptbterm("train", "--corpus", text, *TINY)
    assert result.exit_code == 0
    assert "train 320 words" in result.stderr
    assert "test 40 words (25.0 % <unk>)" in result.stderr


def test_a_folder_whose_name_is_a_number(ptbterm: Command, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.rename(corpus.parent / "2024")
    monkeypatch.chdir(corpus.parent)
    assert ptbterm("train", "--corpus", "2024", *TINY).exit_code == 0


def test_the_vocabulary_can_be_limited(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("train", "--corpus", corpus, *TINY, "--set", "corpus.vocabulary_size=6")
    assert "letters, 6 word types" in result.stderr


def test_divergence_ends_in_one_sentence_and_a_failed_run(ptbterm: Command, home: Path, corpus: Path) -> None:
    wild = ["--set", "training.learning_rate=1e30", "--set", "training.max_grad_norm=1e30"]
    result = ptbterm("train", "--corpus", corpus, *TINY, *wild, "--name", "mine")
    assert result.exit_code == 1
    assert "Error: Training diverged: " in result.stderr
    assert json.loads((home / "runs/mine/events.jsonl").read_text().splitlines()[-1])["kind"] == "run_failed"


PARENT = """
import sys

from ptbterm.cli import screens
from ptbterm.cli.app import main
from ptbterm.runs import launch

def start_detached(arguments):
    print("started", arguments[0], arguments[2:])
    return NotStarted()

class NotStarted:
    def has_failed(self):
        return False

launch.start_detached = start_detached
screens.open_dashboard = lambda run, options, launch: print("opened", run.name, "torch" in sys.modules)
main(sys.argv[1:])
"""


@pytest.mark.process
def test_on_a_terminal_the_trainer_is_resume_of_a_run_that_has_every_setting(home: Path, corpus: Path) -> None:
    """No option is spelled twice, and the parent needs no torch, so that the first screen is there at once."""
    options = ["--corpus", str(corpus), "--name", "tiny", "--seed", "7", "--device", "cpu", *TINY, "--view", "tui"]
    done = subprocess.run(
        [sys.executable, "-c", PARENT, "train", *options],
        env=os.environ | {"PTBTERM_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["started resume ['--view', 'log']", "opened tiny False"], done.stderr
    training = Run(home / "runs" / "tiny").read_record().training
    assert (training.seed, training.device, training.batch_size, training.epochs) == (7, "cpu", 4, 2)


@pytest.mark.process
@pytest.mark.parametrize("view", ["plain", "log"])
def test_a_run_that_fails_to_start_leaves_nothing(process: Process, home: Path, corpus: Path, view: str) -> None:
    failed = process("train", "--corpus", corpus, *TINY, "--device", "cuda:99", "--view", view)
    stdout, stderr = failed.communicate()
    assert (failed.returncode, stdout) == (ExitCode.FAILED, "")
    assert "Error: Device cuda:99 is not available" in stderr
    assert not list((home / "runs").iterdir())


def test_the_record_has_the_device_and_the_versions_of_the_trainer(trained_home: Path) -> None:
    facts = Run(trained_home / "runs" / "tiny").read_record().run
    assert facts.device in {"cpu", "cuda"}
    assert facts.threads > 0
    assert facts.torch
