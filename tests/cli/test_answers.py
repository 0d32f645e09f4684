"""`eval`, `generate`, `chat`: answers of a trained run on stdout, notices on stderr."""

import itertools
import json
import math
import re
import select
from pathlib import Path

import pytest

import ptbterm as package
from tests.commands import Command, Process


def test_eval_says_what_was_measured_and_how(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("eval")
    assert result.exit_code == 0
    rows = dict(re.split(r"  +", line, maxsplit=1) for line in result.stdout.splitlines())
    assert list(rows) == [
        "run",
        "corpus",
        "split",
        "protocol",
        "words",
        "perplexity",
        "without <unk>",
        "bits per word",
    ]
    assert rows["run"] == "tiny (preset small, 2 epochs)"
    assert (rows["corpus"], rows["split"]) == ("letters", "test")
    assert rows["protocol"] == "stream: every word but the first, once, in one stream"
    assert rows["words"] == "92 (3 of them <unk>, 3.3 %)"
    assert float(rows["bits per word"]) == pytest.approx(math.log2(float(rows["perplexity"])), abs=1e-3)


def test_eval_agrees_with_what_training_reported(ptbterm: Command, tiny_run: Path) -> None:
    reported = [json.loads(line) for line in (tiny_run / "events.jsonl").read_text().splitlines()]
    (test,) = [event for event in reported if event["kind"] == "evaluated" and event["split"] == "test"]
    measured = json.loads(ptbterm("eval", "tiny", "--json").stdout)
    assert measured["perplexity"] == pytest.approx(test["perplexity"], rel=1e-6)


def test_the_batches_of_training_change_no_perplexity(ptbterm: Command, tiny_run: Path) -> None:
    expected = json.loads(ptbterm("eval", "--json").stdout)["perplexity"]
    settings = tiny_run / "settings.toml"
    trained_with = settings.read_text()
    for batch_size, num_steps in itertools.product([1, 7, 20, 64], [1, 20, 35]):
        changed = re.sub("batch_size = .*", f"batch_size = {batch_size}", trained_with)
        settings.write_text(re.sub("num_steps = .*", f"num_steps = {num_steps}", changed))
        assert settings.read_text() != trained_with
        measured = json.loads(ptbterm("eval", "--json").stdout)["perplexity"]
        assert measured == pytest.approx(expected, rel=1e-6)


def test_eval_json_has_the_fields_of_the_contract(ptbterm: Command, tiny_run: Path) -> None:
    measured = json.loads(ptbterm("eval", "tiny", "--split", "valid", "--json").stdout)
    assert {
        "run",
        "preset",
        "corpus",
        "split",
        "protocol",
        "adapt",
        "words",
        "unknown_words",
        "perplexity",
        "bits_per_word",
        "floor_perplexity",
        "seconds",
    } <= set(measured)
    assert (measured["split"], measured["adapt"], measured["floor_perplexity"]) == ("valid", "none", None)


def test_eval_reads_other_text_with_the_vocabulary_of_the_run(
    ptbterm: Command, tiny_run: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("zebras gallop\n" * 10)
    measured = json.loads(ptbterm("eval", "tiny", "--corpus", other, "--json").stdout)
    assert (measured["words"], measured["unknown_words"]) == (29, 19)
    assert math.isfinite(measured["perplexity"])


def test_the_demo_floor_is_only_for_models_that_know_its_words(ptbterm: Command, tiny_run: Path) -> None:
    measured = json.loads(ptbterm("eval", "tiny", "--corpus", "demo", "--json").stdout)
    assert measured["corpus"] == "demo corpus"
    assert measured["floor_perplexity"] is None


def test_eval_by_windows_needs_enough_words(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("eval", "tiny", "--protocol", "notebook")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("The text has too few words to score.\nProtocol stream needs 2, notebook 630.\n")
    windows = json.loads(ptbterm("eval", "tiny", "--protocol", "notebook", "--split", "train", "--json").stdout)
    assert windows["words"] == 3 * 30 * 20


def test_generate_continues_a_prompt_and_repeats_with_its_seed(ptbterm: Command, tiny_run: Path) -> None:
    first = ptbterm("generate", "--prompt", "the company", "--words", "40", "--seed", "3")
    assert first.exit_code == 0
    assert first.stdout.startswith("the company ")
    assert len(first.stdout.splitlines()) > 1
    assert "<eos>" not in first.stdout
    assert ptbterm("generate", "--prompt", "the company", "--words", "40", "--seed", "3").stdout == first.stdout
    assert ptbterm("generate", "--prompt", "the company", "--words", "40", "--seed", "4").stdout != first.stdout


def test_generate_json_prints_one_sample_per_line(ptbterm: Command, tiny_run: Path) -> None:
    lines = ptbterm("generate", "--samples", "3", "--words", "5", "--json").stdout.splitlines()
    samples = [json.loads(line) for line in lines]
    vocabulary = set((tiny_run / "vocabulary.txt").read_text().splitlines())
    assert len(samples) == 3
    for sample in samples:
        assert len(sample["words"]) == 5
        assert set(sample["words"]) <= vocabulary
        assert sample["log_probability"] < 0
        assert sample["text"].split() == [word for word in sample["words"] if word != "<eos>"]


@pytest.mark.parametrize("option", ["--temperature", "--top-p"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1"])
def test_generate_refuses_numbers_out_of_range(ptbterm: Command, tiny_run: Path, option: str, value: str) -> None:
    result = ptbterm("generate", option, value)
    assert result.exit_code in {1, 2}  # not every Typer knows that nan is in no range
    assert result.stdout == ""
    assert option.removeprefix("--").replace("-", "_") in result.stderr.replace("-", "_")


def test_the_smallest_temperature_draws_the_most_likely_words(ptbterm: Command, tiny_run: Path) -> None:
    coldest = ptbterm("generate", "--temperature", "0").stdout
    assert ptbterm("generate", "--temperature", "1e-310").stdout == coldest


def test_a_sample_does_not_depend_on_the_other_samples(ptbterm: Command, tiny_run: Path) -> None:
    alone = ptbterm("generate", "--words", "30").stdout
    lines = ptbterm("generate", "--words", "30", "--samples", "33", "--json").stdout.splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    assert f"{texts[0]}\n" == alone
    for samples in (2, 8):
        together = "\n\n".join(texts[:samples]) + "\n"
        assert ptbterm("generate", "--words", "30", "--samples", str(samples)).stdout == together


@pytest.mark.parametrize("samples", ["1", "3"])
def test_words_are_there_before_the_last_is_drawn(process: Process, tiny_run: Path, samples: str) -> None:
    with process("generate", "--words", str(10**9), "--samples", samples) as generating:
        assert generating.stdout is not None
        readable, _, _ = select.select([generating.stdout.fileno()], [], [], 60)
        generating.kill()
    assert readable


def test_chat_ranks_the_next_words_of_each_line(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("chat", "--candidates", "3", stdin="this is an\r\nThe company\n")
    assert result.exit_code == 0
    first, second = (line.split("\t") for line in result.stdout.splitlines())
    assert (first[0], second[0]) == ("this is an", "The company")
    assert [word.split()[0] for word in first[1:]] == [
        next_word.word for next_word in package.load("tiny").next_words("this is an", k=3)
    ]
    assert len(second) == 4


def test_chat_json(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("chat", "--json", stdin="The zebra fell\n")
    answer = json.loads(result.stdout)
    assert answer["context"] == "The zebra fell"
    assert answer["modelled_as"] == ["the", "<unk>", "fell"]
    probabilities = [next_word["probability"] for next_word in answer["next_words"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 < answer["entropy_bits"] <= math.log2(19)


def test_text_never_acts_on_the_terminal(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("chat", stdin="\x1b[2Jthis \x9b31m\n")
    assert result.stdout.startswith(r"\x1b[2Jthis \x9b31m" + "\t")
    result = ptbterm("generate", "--prompt", "\x1b]0;title\x07 company", "--words", "1")
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("command", ["eval", "generate", "chat"])
def test_no_run_yet(ptbterm: Command, home: Path, command: str) -> None:
    result = ptbterm(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: No trained model found.\n"
        "Train one on the demo corpus (0.5 to 2 minutes): ptbterm train --preset demo\n"
    )
    assert not home.exists()


@pytest.mark.parametrize("command", ["eval", "generate", "chat"])
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("settings.toml", b"[model\n"),
        ("vocabulary.txt", b"only\nthese\n"),
        ("checkpoints/best.safetensors", b"\x00" * 100),
    ],
)
def test_a_damaged_run_names_the_file(
    ptbterm: Command, tiny_run: Path, command: str, file: str, content: bytes
) -> None:
    (tiny_run / file).write_bytes(content)
    result = ptbterm(command, "tiny")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{tiny_run}/{file}" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_chosen_run_is_printed(ptbterm: Command, tiny_run: Path) -> None:
    assert "Run: tiny\n" in ptbterm("generate", "ti", "--words", "1").stderr


@pytest.mark.parametrize("adapt", ["cache", "dynamic", "both"])
def test_eval_with_a_model_that_adapts(ptbterm: Command, tiny_run: Path, adapt: str) -> None:
    measured = json.loads(ptbterm("eval", "--adapt", adapt, "--json").stdout)
    assert measured["adapt"] == adapt
    assert measured["perplexity"] != json.loads(ptbterm("eval", "--json").stdout)["perplexity"]
    assert "adapted " in ptbterm("eval", "--adapt", adapt).stdout


def test_only_a_stream_can_be_adapted_to(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("eval", "--adapt", "cache", "--protocol", "notebook")
    assert result.exit_code == 2
    assert "requires --protocol stream" in result.stderr


def test_generate_without_unknown_words(ptbterm: Command, tiny_run: Path) -> None:
    drawn = ptbterm("generate", "--words", "300", "--temperature", "3").stdout.split()
    without = ptbterm("generate", "--words", "300", "--temperature", "3", "--no-unknown").stdout.split()
    assert "<unk>" in drawn
    assert "<unk>" not in without
