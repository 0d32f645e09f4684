"""`ptbterm corpus show`: what a corpus holds, as a page, on a terminal, and for programs."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal
from tests.commands import Command
from tests.examples.texts import SENTENCES


def test_a_page(ptbterm: Command, corpus: Path) -> None:
    result = ptbterm("corpus", "show", corpus)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    words = sum(len(sentence.split()) + 1 for sentence in SENTENCES)
    assert lines[0] == f"letters ({corpus})"
    assert lines[2].split() == ["train", "valid", "test"]
    assert lines[3].split() == ["words", f"{60 * words:,}", str(3 * words), str(3 * words)]
    assert "Most frequent: ⏎ 240, the 240, company 180" in result.stdout
    assert "Longest sentence in train: the shares of the company fell N %" in result.stdout
    assert "Out of vocabulary" not in result.stdout
    assert re.search(r"rank  count in train\n +1 +240\n", result.stdout)
    assert max(map(len, lines)) <= 100


def test_what_falls_outside(ptbterm: Command, corpus: Path) -> None:
    (corpus / "test.txt").write_text("the zebra said the zebra \x1b[31mrose\n")
    page = ptbterm("corpus", "show", corpus, "--vocabulary-size", "10", "-k", "2").stdout
    page = " ".join(page.split())
    assert re.search(r"Out of vocabulary in train: \d+ words of \d+ types, most often", page)
    assert re.search(r"Out of vocabulary in test: \d+ words of \d types, most often zebra 2, \\x1b\[31mrose", page)
    assert "\x1b" not in page


def test_for_programs(ptbterm: Command, corpus: Path) -> None:
    document = json.loads(ptbterm("corpus", "show", corpus, "--json", "--minimum-count", "61").stdout)
    assert document["corpus"] == "letters"
    assert document["splits"]["train"]["sentences"] == 240
    assert document["splits"]["train"]["outside"] > 0
    assert document["most_frequent"][0] == ["<eos>", 240]
    assert document["zipf"][0] == [1, 240]


def test_the_demo_has_no_word_outside(ptbterm: Command) -> None:
    document = json.loads(ptbterm("corpus", "show", "demo", "--json").stdout)
    assert {split["outside"] for split in document["splits"].values()} == {0}
    assert document["splits"]["train"]["words"] >= 200_000


@pytest.mark.parametrize("source", ["nowhere", "nowhere.txt"])
def test_no_such_corpus(ptbterm: Command, tmp_path: Path, source: str) -> None:
    result = ptbterm("corpus", "show", tmp_path / source)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: No corpus found at {tmp_path / source}.")


@pytest.mark.process
def test_zipf_on_a_terminal(home: Path, corpus: Path) -> None:
    terminal = Terminal(home, "corpus", "show", corpus, size=(80, 40))
    code, text = terminal.end()
    assert code == 0
    assert "dotted: 240 / rank (Zipf)" in text
    assert re.search(r"100 ┤", text)
    assert re.search(r"└┬1─+┬10─", text)


@pytest.mark.process
def test_zipf_without_utf_8(home: Path, corpus: Path) -> None:
    terminal = Terminal(home, "corpus", "show", corpus, size=(80, 40), PYTHONIOENCODING="ascii")
    code, text = terminal.end()
    assert code == 0
    assert "dotted: 240 / rank (Zipf)" in text
    assert text.isascii()
