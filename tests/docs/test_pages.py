"""The examples of docs/, run as they stand on a model of the demo corpus."""

import csv
import doctest
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def at_home(demo_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def run(command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does."""
    return subprocess.run(["bash", "-ec", command], input=stdin, capture_output=True, text=True, check=False)


@pytest.mark.process
def test_every_example_of_python() -> None:
    page = DOCS / "how-to" / "python.md"
    text = page.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert len(examples.examples) > 10
    output: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=output.append)
    assert results.failed == 0, "".join(output)


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.process
def test_a_table_of_sentences_to_surprisals_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (items,), commands, (program,) = (blocks("how-to/surprisal.md", kind) for kind in ("csv", "sh", "python"))
    (tmp_path / "items.csv").write_text(items)
    ended = [run(command) for command in commands]
    assert [process.returncode for process in ended] == [0, 0, 0], [process.stderr for process in ended]
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


@pytest.mark.process
@pytest.mark.parametrize(
    ("page", "file", "language", "written", "rows"),
    [
        ("reading-times", "times.csv", "csv", "scored.tsv", 7),
        ("minimal-pairs", "agreement.jsonl", "json", "pairs.tsv", 3),
        ("tables", "items.csv", "csv", "scored.csv", 12),
    ],
)
def test_tables_of_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, file: str, language: str, written: str, rows: int
) -> None:
    monkeypatch.chdir(tmp_path)
    (content,) = blocks(f"how-to/{page}.md", language)
    (tmp_path / file).write_text(content)
    ended = [run(command) for command in blocks(f"how-to/{page}.md", "sh")]
    assert [process.returncode for process in ended] == [0] * len(ended), [process.stderr for process in ended]
    assert len((tmp_path / written).read_text().splitlines()) == rows
    for program in blocks(f"how-to/{page}.md", "python"):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert re.fullmatch(r"[0-2] of 2\n", done.stdout)


@pytest.mark.process
def test_own_text_and_tokenized_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = "{} said that the dog saw a man{}."
    lines = [sentence.format(who, end) for who in ("Anna", "Ben") for end in ("", ", too", " again", " here")] * 40
    (tmp_path / "book.txt").write_text("\n".join(lines) + "\n")
    tokenized = [line.lower().replace(",", " ,").replace(".", " .") for line in lines]
    (tmp_path / "tokenized.txt").write_text("\n".join(tokenized) + "\n")
    commands = [*blocks("how-to/own-text.md", "sh")[:1], *blocks("how-to/tokenized-text.md", "sh")]
    quick = " --set training.threads=1 --set model.hidden_size=8 --view none"
    for command in commands:
        ended = run(re.sub(r"^(ptbterm train .*)$", rf"\1{quick}", command, flags=re.M))
        assert ended.returncode == 0, ended.stderr


# The lesson plan.

NOT_HERE = ("pip install", "ptbterm download", "--corpus ptb", "ptbterm tour --corpus demo")
"""What needs a network, the Penn Treebank, or is the handout's tour once more."""
QUICK = " --set training.windows=80 --view none"


def lesson_plan() -> str:
    return (DOCS / "tutorial" / "lesson-plan.md").read_text(encoding="utf-8")


def commands_of_the_lesson() -> list[str]:
    """The commands of a lesson in order: those of blocks, then those within sentences."""
    in_blocks = [
        line.partition(" # ")[0].strip()
        for block in blocks("tutorial/lesson-plan.md", "sh")
        for line in block.splitlines()
    ]
    in_sentences = re.findall(
        r"`(ptbterm [a-z]+ [^`\n]+)`", re.sub(r"^```.*?^```", "", lesson_plan(), flags=re.M | re.S)
    )
    wanted = [*in_blocks, *in_sentences]
    return [
        command for command in wanted if command.endswith(".txt") or not any(part in command for part in NOT_HERE)
    ]


@pytest.mark.process
def test_every_command_of_the_lesson_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = commands_of_the_lesson()
    assert len(commands) >= 9
    printed = {}
    for command in commands:
        done = run(command + (QUICK if command.startswith("ptbterm train") else ""), stdin="this is an\n")
        assert done.returncode == 0, (command, done.stderr)
        printed[command] = done.stdout
    assert "an" in printed["ptbterm chat mine"]
    numbers_are_those_of_the_tour((tmp_path / "handout.txt").read_text())


def numbers_are_those_of_the_tour(handout: str) -> None:
    plan = " ".join(lesson_plan().split())
    asked, answers = handout.split("\nAnswers\n")
    types = re.search(r"demo corpus: (\d+) word types", asked)
    assert types
    assert f"(ln {types[1]} = {math.log(int(types[1])):.3f})" in plan
    assert "prints z = 8, dz/dx = 10, dz/dy = 3" in plan
    assert "✓ 8, 10, 3, as in the notebook" in answers
    assert "why the output's bias?" in plan
    assert re.search(r"gradient of +norm.*\n +softmax_b ", answers)
    learned = re.search(r"perplexity ([\d.]+) after a window, ([\d.]+) over all (\d+)", asked)
    assert learned
    assert f"after {learned[3]} windows" in plan
    first, last = (round(float(figure)) for figure in learned.group(1, 2))
    assert f"{first}, 100 or {last}?" in plan
