"""Words of a kind keep together: counted by hand, and on a model trained on text whose grammar knows the kinds."""

from pathlib import Path

import numpy as np
import pytest
from conftest import Command

from ptbterm.corpus.demo import grammar
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.embeddings import Side, WordVectors, read_word_vectors
from ptbterm.inference.purity import Purity, neighbor_purity
from ptbterm.runs.run import Run


def test_counted_by_hand() -> None:
    angles = {"<unk>": 0, "<eos>": 0, "may": 10, "june": 20, "two": 32, "july": 45, "three": 90, "alone": 11}
    turns = np.radians(list(angles.values()))
    words = WordVectors(Vocabulary(angles), np.column_stack([np.cos(turns), np.sin(turns)]).astype(np.float32))
    kinds = dict.fromkeys(("may", "june", "july"), "month") | dict.fromkeys(("two", "three"), "count")
    # nearest: may june (alike), june may (alike), two june, july two, three july
    # two nearest of a month: may june+two, june may+two, july two+june; nearest of a count: never a count
    assert neighbor_purity(words, kinds | {"alone": "lonely", "elsewhere": "lonely"}) == Purity(
        words=5,
        kinds=2,
        nearest=pytest.approx(2 / 5),  # type: ignore[arg-type]
        whole_kind=pytest.approx((0.5 + 0.5 + 0.5 + 0 + 0) / 5),  # type: ignore[arg-type]
        chance=pytest.approx((3 * 2 / 4 + 2 * 1 / 4) / 5),  # type: ignore[arg-type]
    )


def purities(run: Path) -> dict[Side, Purity]:
    return {side: neighbor_purity(read_word_vectors(Run(run), side), grammar().kinds()) for side in Side}


def test_one_epoch_teaches_kinds(ptbterm: Command, home: Path) -> None:
    quick = ("--set", "training.epochs=1", "--set", "model.hidden_size=64", "--name", "quick")
    assert ptbterm("train", "--preset", "demo", "--view", "none", *quick).exit_code == 0
    learned = purities(home / "runs" / "quick")
    assert learned[Side.BOTH].chance < 0.01
    assert learned[Side.INPUT].nearest > 0.15
    assert min(learned[Side.OUTPUT].nearest, learned[Side.BOTH].nearest) > 0.6


@pytest.mark.slow
def test_the_demo_knows_nearly_all_kinds(ptbterm: Command, home: Path) -> None:
    assert ptbterm("train", "--preset", "demo", "--view", "none", "--name", "demo").exit_code == 0
    learned = purities(home / "runs" / "demo")
    assert learned[Side.BOTH].nearest > 0.97
    assert learned[Side.BOTH].whole_kind > 0.94
    assert learned[Side.INPUT].nearest > 0.35
