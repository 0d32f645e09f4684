"""Computed values stay the same: values of trainings and of runs from version 0.1.0.

Bits depend on the processor; on one machine `python -m scripts.compare_behavior` compares those of two versions.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ptbterm.model.random_streams import random_stream
from tests.commands import Command
from tests.golden import measure

VALUES = json.loads(measure.VALUES.read_text())

KEPT = [3, 4, 6, 10, 11, 12, 14, 16]
"""The first places that a dropout mask keeps, where the values were measured: torch 2.13 on x86-64."""


def first_kept() -> list[int]:
    mask = torch.empty(64).bernoulli_(0.5, generator=random_stream(1, "dropout"))
    return mask.nonzero().flatten().tolist()[: len(KEPT)]


draws_the_same = pytest.mark.skipif(first_kept() != KEPT, reason="another torch draws other dropout masks")


@pytest.fixture
def run(ptbterm: Command) -> measure.Run:
    """Run a command that must succeed; returns what it prints."""

    def succeed(*arguments: str | Path, stdin: str = "") -> str:
        result = ptbterm(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return succeed


def assert_close(values: Any, expected: Any, rel: float, where: str = "") -> None:
    """Compare numbers with a relative tolerance and everything else exactly."""
    if isinstance(expected, dict):
        assert list(values) == list(expected), where
        for key in expected:
            assert_close(values[key], expected[key], rel, f"{where}/{key}")
    elif isinstance(expected, list) and not all(isinstance(value, float) for value in expected):
        assert len(values) == len(expected), where
        for number, pair in enumerate(zip(values, expected, strict=True)):
            assert_close(*pair, rel, f"{where}/{number}")
    else:
        assert values == (expected if isinstance(expected, str) else pytest.approx(expected, rel=rel)), where


@draws_the_same
@pytest.mark.parametrize("training", measure.TRAININGS, ids=", ".join)
def test_training(run: measure.Run, home: Path, training: tuple[str, str, str]) -> None:
    expected = VALUES["trainings"][", ".join(training)]
    assert len(expected["losses"]) == 4
    assert_close(measure.measure_training(run, home, *training), expected, rel=1e-4)


@pytest.mark.parametrize("name", measure.RUNS)
class TestExampleRun:
    """Runs made by version 0.1.0, stopped in their second epoch: `tests/examples/README.md`."""

    @pytest.fixture(autouse=True)
    def examples(self, home: Path) -> None:
        measure.copy_examples(home)

    def test_is_listed(self, run: measure.Run, name: str) -> None:
        (listed,) = (found for found in json.loads(run("runs", "list", "--json")) if found["run"] == name)
        assert (listed["state"], listed["epoch"], listed["epochs"]) == ("stopped", 2, 5)
        expected = VALUES["resumed"][name]["valid perplexities"][0]
        assert listed["best_valid_perplexity"] == pytest.approx(expected, rel=1e-9)

    def test_is_watched(self, run: measure.Run, name: str) -> None:
        printed = run("watch", name, "--view", "plain")
        assert f"Valid Perplexity: {VALUES['resumed'][name]['valid perplexities'][0]:.3f}" in printed
        lines = run("watch", name, "--view", "json").splitlines()
        for line, event in zip(lines, measure.read_events(measure.EXAMPLES / "runs" / name), strict=True):
            shown = json.loads(line)
            added = {key: value for key, value in shown.items() if key not in event}
            assert shown == event | added
            assert set(added.values()) <= {None}  # of fields that are newer than the run

    def test_answers(self, run: measure.Run, name: str) -> None:
        assert_close(measure.measure_example(run, name), VALUES["examples"][name], rel=1e-5)

    @draws_the_same
    def test_is_resumed(self, run: measure.Run, home: Path, name: str) -> None:
        values = measure.measure_resumed(run, home, name)
        assert len(values["valid perplexities"]) == 5
        assert_close(values, VALUES["resumed"][name], rel=1e-3)

    def test_where_its_text_is_elsewhere(
        self, ptbterm: Command, run: measure.Run, home: Path, tmp_path: Path, name: str
    ) -> None:
        """Only commands that read the text need it; `--corpus` gives its new place."""
        here, elsewhere = home / "harbor", tmp_path / "elsewhere"
        here.rename(elsewhere)
        for command in ("eval", "resume"):
            refused = ptbterm(command, name)
            assert (refused.exit_code, refused.stdout) == (1, "")
            assert str(here) in refused.stderr
        evaluated = json.loads(run("eval", name, "--corpus", elsewhere, "--json"))
        expected = VALUES["examples"][name]
        assert evaluated["perplexity"] == pytest.approx(expected["perplexity"]["none"], rel=1e-5)
        scored = run("score", "--run", name, stdin=measure.SCORED)
        assert measure.surprisals(scored) == pytest.approx(expected["surprisal"], rel=1e-5)
