"""From an empty machine to a trained model and its next words, on the built-in corpus."""

import json
from pathlib import Path

import pytest

from tests.commands import Command


@pytest.mark.process
def test_one_epoch_of_the_demo_beats_chance_and_never_the_truth(ptbterm: Command, demo_run: Path) -> None:
    measured = json.loads(ptbterm("eval", "--split", "test", "--json").stdout)
    assert measured["corpus"] == "demo corpus"
    assert measured["floor_perplexity"] < measured["perplexity"] < 4 * measured["floor_perplexity"]
    assert "floor          3.569 (the grammar's own; the model is " in ptbterm("eval").stdout


@pytest.mark.slow
def test_the_demo_ends_within_5_percent_of_the_floor(ptbterm: Command) -> None:
    assert ptbterm("train", "--preset", "demo").exit_code == 0
    measured = json.loads(ptbterm("eval", "--split", "test", "--json").stdout)
    assert measured["floor_perplexity"] < measured["perplexity"] < 1.05 * measured["floor_perplexity"]


@pytest.mark.slow
def test_the_notebook_on_the_treebank(ptbterm: Command, ptb: Path) -> None:
    result = ptbterm("train", "--preset", "notebook", "--corpus", ptb, "--set", "training.epochs=1")
    lines = result.stdout.splitlines()
    (tenth,) = [line for line in lines if line.startswith("0.106 perplexity: ")]
    assert 1000 < float(tenth.split()[2]) < 1200
    (valid,) = [line for line in lines if line.startswith("Epoch 1 : Valid Perplexity: ")]
    assert float(valid.split()[-1]) == pytest.approx(203.668, rel=0.04)
