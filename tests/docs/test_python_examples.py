"""The examples of docs/python.md, run as they stand on a model of the demo corpus."""

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.fixture
def demo_run(home: Path) -> None:
    command = [sys.executable, "-m", "ptbterm", "train", "--preset", "demo", "--name", "demo", "--view", "none"]
    environment = os.environ | {"PTBTERM_HOME": str(home)}
    subprocess.run([*command, "--set", "training.epochs=2"], env=environment, check=True, capture_output=True)


@pytest.mark.usefixtures("demo_run")
def test_every_example() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 10
    said: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=said.append)
    assert results.failed == 0, "".join(said)
