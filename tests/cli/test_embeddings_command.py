"""`ptbterm embeddings`: neighbors, the map as lines and pictures, and as a screen on a real terminal."""

import csv
import json
import re
import sys
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from ptbterm.corpus.vocabulary import read_vocabulary
from ptbterm.inference.trained_model import load
from ptbterm.settings.choices import Side
from tests.cli.terminals import Terminal
from tests.commands import Command


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


@pytest.mark.parametrize("side", get_args(Side))
def test_neighbors_are_those_of_the_model(ptbterm: Command, tiny_run: Path, side: Side) -> None:
    expected = load(tiny_run).neighbors("company", k=3, side=side)
    command = ("embeddings", "tiny", "--neighbors", "company", "-k", "3", "--side", side)
    table = rows(ptbterm(*command).stdout)
    assert [row["word"] for row in table] == [neighbor.word for neighbor in expected]
    assert [float(row["similarity"]) for row in table] == pytest.approx(
        [neighbor.similarity for neighbor in expected], 1e-5
    )
    document = json.loads(ptbterm(*command, "--json").stdout)
    assert document["word"] == "company"
    assert [neighbor["word"] for neighbor in document["neighbors"]] == [row["word"] for row in table]


def test_neighbors_need_no_torch_and_no_extra(
    ptbterm: Command, tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("torch", "openTSNE", "sklearn", "matplotlib"):
        monkeypatch.setitem(sys.modules, module, None)
    assert ptbterm("embeddings", "--neighbors", "company").exit_code == 0


@pytest.mark.parametrize("picture", ["--png", "--svg"])
def test_neighbors_and_a_picture_at_once(ptbterm: Command, tiny_run: Path, tmp_path: Path, picture: str) -> None:
    result = ptbterm("embeddings", "--neighbors", "company", picture, tmp_path / "map")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--neighbors can't be combined with" in " ".join(result.stderr.replace("│", "").split())
    assert not list(tmp_path.glob("map*"))


def test_an_unknown_word(ptbterm: Command, tiny_run: Path) -> None:
    result = ptbterm("embeddings", "--neighbors", "compani")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "Run: tiny",
        "Error: The model does not know the word 'compani'.",
        "Did you mean company?",
    ]


def test_every_word_in_a_pipe(ptbterm: Command, tiny_run: Path) -> None:
    vocabulary = read_vocabulary(tiny_run / "vocabulary.txt")
    table = rows(ptbterm("embeddings", "tiny").stdout)
    assert [row["word"] for row in table] == list(vocabulary)
    assert [int(row["rank"]) for row in table] == list(range(1, len(vocabulary) + 1))
    assert all(0 <= float(row[axis]) <= 1 for row in table for axis in "xy")
    document = json.loads(ptbterm("embeddings", "tiny", "--words", "9", "--json").stdout)
    assert (document["run"], document["corpus"]) == ("tiny", "letters")
    assert [record["word"] for record in document["words"]] == list(vocabulary[:9])


def test_pictures(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    png, svg = tmp_path / "map.png", tmp_path / "map.svg"
    result = ptbterm("embeddings", "--png", png, "--svg", svg)
    assert result.exit_code == 0
    saved = re.findall(r"Saved (\S+): (\d+) words, (\d+) of them labeled", result.stderr)
    assert [place for place, *_ in saved] == [str(png), str(svg)]
    words = len(read_vocabulary(tiny_run / "vocabulary.txt"))
    assert {(int(count), int(named)) for _, count, named in saved} == {(words, words)}
    assert png.read_bytes().startswith(b"\x89PNG")
    first = svg.read_bytes()
    assert ElementTree.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"
    ptbterm("embeddings", "--svg", svg)
    assert svg.read_bytes() == first


def test_each_side_has_a_map_that_is_kept(ptbterm: Command, tiny_run: Path) -> None:
    printed = {side: ptbterm("embeddings", "--side", side).stdout for side in ("input", "output", "both")}
    kept = {file.name: file.stat().st_mtime_ns for file in (tiny_run / "maps").iterdir()}
    assert len(kept) == len(set(printed.values())) == 3
    for side, table in printed.items():
        assert ptbterm("embeddings", "--side", side).stdout == table
        assert any(f"-{side}-" in name for name in kept)
    assert kept == {file.name: file.stat().st_mtime_ns for file in (tiny_run / "maps").iterdir()}


def test_a_picture_in_a_missing_folder(ptbterm: Command, tiny_run: Path, tmp_path: Path) -> None:
    result = ptbterm("embeddings", "--png", tmp_path / "nowhere" / "map.png")
    assert result.exit_code == 1
    assert f"Error: Folder {tmp_path / 'nowhere'} does not exist: can't save map.png there." in result.stderr
    assert not (tiny_run / "maps").exists()


def test_without_the_extra(ptbterm: Command, tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    result = ptbterm("embeddings")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[1:] == [
        "Error: The map of words needs openTSNE, which is not installed.",
        "Install it: pip install 'ptbterm[plots]'",
    ]


@pytest.mark.process
def test_on_a_terminal(home: Path, tiny_run: Path) -> None:
    terminal = Terminal(home, "embeddings", "tiny")
    terminal.until("Nearest")
    terminal.press("/comp")
    terminal.until("▶ company|company ▶")
    terminal.press("\r")
    terminal.until(r"/ Search")
    neighbor = load(tiny_run).neighbors("company")[0].word
    terminal.press("1")
    terminal.until(
        f"▶ {re.escape(neighbor)}|{re.escape(neighbor)} ▶".replace("<eos>", "⏎").replace("<unk>", "‹unk›")
    )
    terminal.press("\x1b[1;2C+-0b?")
    terminal.until("Map of the words")
    terminal.press("\x1b")
    terminal.until("▶ company|company ▶")
    terminal.press("q")
    assert terminal.end()[0] == 0
    assert (
        tiny_run / "maps" / f"words-{len(read_vocabulary(tiny_run / 'vocabulary.txt'))}-both-seed-1.json"
    ).is_file()
