"""The examples of docs/, run as they stand on a model of the demo corpus."""

import csv
import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run named demo."""
    home = tmp_path_factory.mktemp("docs") / "home"
    command = [sys.executable, "-m", "ptbterm", "train", "--preset", "demo", "--name", "demo", "--view", "none"]
    environment = os.environ | {"PTBTERM_HOME": str(home)}
    subprocess.run([*command, "--set", "training.epochs=2"], env=environment, check=True, capture_output=True)
    return home


@pytest.fixture(autouse=True)
def at_home(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTBTERM_HOME", str(trained))


def test_every_example_of_python() -> None:
    page = DOCS / "python.md"
    text = page.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert len(examples.examples) > 10
    said: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=said.append)
    assert results.failed == 0, "".join(said)


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)


def test_a_table_of_sentences_to_surprisals_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (items,), commands, (program,) = (blocks("surprisal.md", kind) for kind in ("csv", "sh", "python"))
    (tmp_path / "items.csv").write_text(items)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = [
        subprocess.run(
            ["bash", "-ec", command], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
        )
        for command in commands
    ]
    assert [one.returncode for one in ended] == [0, 0, 0], [one.stderr for one in ended]
    with (tmp_path / "words.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == sum(len(row["sentence"].split()) for row in csv.DictReader(items.splitlines()))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    verbs = [line.split() for line in done.stdout.splitlines()]
    assert [verb[:3] for verb in verbs] == [
        ["1", "agrees", "expects"],
        ["1", "clashes", "expect"],
        ["2", "agrees", "expect"],
        ["2", "clashes", "expects"],
    ]
    assert (tmp_path / "adapted.tsv").stat().st_size > 0
