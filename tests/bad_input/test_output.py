"""No text of a corpus, a prompt, a name or an event acts on a terminal, wherever it is printed."""

import csv
import json
import shutil
import tomllib
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptbterm.terminal.text.safe_text import HARMLESS, visible
from tests.bad_input.hostile import NAME, WORDS, harmless, hostile_run
from tests.commands import Command

pytestmark = pytest.mark.process  # runs every command on hostile text

ODD: Final = ("Cc", "Cf", "Zl", "Zp", "Zs", "L", "P")
IN_TEXT: Final = "\n\t"
IN_TABLES: Final = IN_TEXT + "".join(HARMLESS)
SHOWN = [visible(word) for word in WORDS]


@pytest.fixture(scope="module")
def evil_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("evil") / "home"
    hostile_run(home)
    return home


@pytest.fixture
def evil(home: Path, evil_home: Path) -> Path:
    """The hostile run, in this test's own home, with a name that commands accept; its events have the other."""
    shutil.copytree(evil_home, home)
    return (home / "runs" / NAME).rename(home / "runs" / "evil")


@pytest.mark.parametrize(
    "command",
    [
        ["runs"],
        ["runs", "list", "--json"],
        ["runs", "show", "evil"],
        ["runs", "show", "evil", "--json"],
        ["runs", "compare", "evil", "evil"],
        ["runs", "stop", "evil"],
        ["runs", "delete", "evil"],
        ["runs", "delete", "evil", "--yes"],
        ["watch", "evil", "--view", "plain"],
        ["watch", "evil", "--view", "json"],
        ["resume", "evil", "--view", "plain"],
        ["resume", "evil", "--view", "json", "--set", "training.epochs=2"],
        ["eval"],
        ["eval", "--json"],
        ["generate", "--prompt", " ".join(WORDS)],
        ["generate", "--json", "--samples", "2", "--prompt", NAME],
        ["chat"],
        ["chat", "--json"],
        ["score"],
        ["score", "--format", "jsonl"],
        ["score", "--per-word", "--eos"],
        ["score", "--pairs"],
        ["score", "--context", "stream", "--format", "jsonl"],
    ],
    ids=" ".join,
)
def test_every_command_on_a_run_of_hostile_texts(ptbterm: Command, evil: Path, command: list[str]) -> None:
    line = " ".join(WORDS)
    result = ptbterm(*command, stdin=f"{line}\t{line}\n" if "--pairs" in command else f"{line}\n")
    assert harmless(result.stdout, IN_TABLES if command[0] == "score" else IN_TEXT)
    assert harmless(result.stderr)
    if "--json" in command or "json" in command or "jsonl" in command:
        assert all(json.loads(line) for line in result.stdout.splitlines())
        assert result.stdout.isascii()


def test_words_are_shown_as_they_are_but_for_what_acts(ptbterm: Command, evil: Path) -> None:
    first, *ranked = ptbterm("chat", "-k", "99", stdin=" ".join(WORDS) + "\n").stdout.rstrip("\n").split("\t")
    assert first == " ".join(SHOWN)
    assert {word.rpartition(" ")[0].rpartition(" ")[0] for word in ranked} == {*SHOWN, "<unk>", "<eos>"}


def test_json_keeps_every_text_as_it_is(ptbterm: Command, evil: Path) -> None:
    line = " ".join(WORDS)
    answer = json.loads(ptbterm("chat", "--json", "-k", "99", stdin=line + "\n").stdout)
    assert answer["context"] == line
    assert {word["word"] for word in answer["next_words"]} == {*WORDS, "<unk>", "<eos>"}
    scored = [
        json.loads(row) for row in ptbterm("score", "--format", "jsonl", stdin=line + "\n").stdout.splitlines()
    ]
    assert [row["word"] for row in scored] == WORDS
    assert json.loads(ptbterm("runs", "list", "--json").stdout)[0]["run"] == "evil"


def test_tables_keep_their_cells_and_rows(ptbterm: Command, evil: Path, tmp_path: Path) -> None:
    table = tmp_path / "items.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["sentence", NAME], ["the cat", "a\tb\nc\x1b[2J"], ["the dog", '=1+1 "x"']])
    result = ptbterm("score", table, "--column", NAME)
    assert harmless(result.stdout + result.stderr, IN_TABLES)
    header, *rows = csv.reader(result.stdout.splitlines(), delimiter="\t")
    assert header[2] == visible(NAME, HARMLESS)
    assert {row[2] for row in rows} == {r"a\tb\nc\x1b[2J", '=1+1 "x"'}
    assert {len(row) for row in rows} == {len(header)}
    wrong = ptbterm("score", table, "--column", "wrong")
    assert wrong.exit_code == 1
    assert harmless(wrong.stderr)


def test_settings_are_printed_as_toml_that_means_the_same(ptbterm: Command, evil: Path, tmp_path: Path) -> None:
    preset = tmp_path / f"{NAME}.toml"
    shutil.copy(evil / "settings.toml", preset)
    result = ptbterm("presets", preset)
    assert result.exit_code == 0
    assert harmless(result.stdout)
    printed, written = tomllib.loads(result.stdout), tomllib.loads(preset.read_text())
    assert printed["training"] == written["training"]
    assert printed["corpus"] == written["corpus"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(categories=ODD, exclude_characters="\x00"), min_size=1).filter(
        lambda text: (
            not (text.isascii() and text.replace("-", "_").isidentifier())
        )  # hypothesis tries our own names
    )
)
def test_any_command_line_is_printed_safely(ptbterm: Command, home: Path, text: str) -> None:
    for command in (
        [text],
        [f"--{text}"],
        ["runs", "show", text],
        ["runs", text],
        ["runs", "show", "a", text],
        ["train", "--view", text],
        ["train", "--preset", text],
        ["train", "--preset", "small", "--set", text],
        ["train", "--preset", "small", "--set", f"training.epochs={text}"],
        ["train", "--preset", "small", "--set", f"training.{text}=1"],
        ["train", "--preset", "small", "--seed", text],
        ["train", "--preset", "small", "--corpus", f"no {text}"],
        ["train", "--preset", "demo", "--name", f"{text} "],
        ["download", "--url", text],
        ["score", "--with", f"x{text}"],
        ["score", f"no {text}"],
    ):
        result = ptbterm(*command)
        assert result.exit_code in {1, 2}
        assert harmless(result.stdout + result.stderr)
    assert not (home / "runs").exists()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(categories=ODD)))
def test_whatever_is_asked_of_a_model(ptbterm: Command, tiny_run: Path, text: str) -> None:
    results = [
        ptbterm("chat", stdin=text),
        ptbterm("score", stdin=f"the {text}"),
        ptbterm("score", "--format", "jsonl", "--per-word", stdin=f"the {text}"),
        ptbterm("generate", "--words", "3", "--prompt", text),
    ]
    for result in results:
        assert result.exit_code in {0, 1}
        assert harmless(result.stdout + result.stderr, IN_TABLES)
