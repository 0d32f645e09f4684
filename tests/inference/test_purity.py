"""Words of a kind keep together: counted by hand, and on a model trained on text whose grammar knows the kinds."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from ptbterm.corpus.demo import grammar
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.embeddings import WordVectors, read_word_vectors
from ptbterm.inference.purity import Purity, cluster_purity, map_purity, neighbor_purity
from ptbterm.inference.word_map import map_of_run
from ptbterm.runs.run import Run
from ptbterm.settings.choices import Side
from tests.commands import Command

ANGLES = {"<unk>": 21, "<eos>": 200, "may": 10, "june": 20, "two": 32, "july": 45, "three": 90, "alone": 140}
KINDS = dict.fromkeys(("may", "june", "july"), "month") | dict.fromkeys(("two", "three"), "count")
ODD = KINDS | {"alone": "lonely", "elsewhere": "lonely"}
TURNS = np.radians(list(ANGLES.values()))
CIRCLE = np.column_stack([np.cos(TURNS), np.sin(TURNS)])
BY_HAND = Purity(
    words=5,
    kinds=2,
    nearest=pytest.approx(1 / 5),  # type: ignore[arg-type]
    whole_kind=pytest.approx((0.5 + 0.5 + 0 + 0 + 0) / 5),  # type: ignore[arg-type]
    chance=pytest.approx((3 * 2 / 7 + 2 * 1 / 7) / 5),  # type: ignore[arg-type]
)
"""Nearest: of may june, a month; of june <unk>; of two and of three no count; of july two.

The two nearest of may: june, <unk>; of june: <unk>, may; of july: two, <unk>.
"""


def test_neighbors_counted_by_hand() -> None:
    assert neighbor_purity(WordVectors(Vocabulary(ANGLES), CIRCLE.astype(np.float32)), ODD) == BY_HAND


def test_neighbors_on_a_map_counted_by_hand() -> None:
    assert map_purity(CIRCLE, Vocabulary([*ANGLES, "beyond"]), ODD | {"beyond": "lonely"}) == BY_HAND


def test_clusters_counted_by_hand() -> None:
    clusters = [0, 1, 0, 0, 1, 2, 1, 1]
    # 0: <unk>, may, june. 1: <eos>, two, three, alone. 2: july, alone in its cluster
    expected = (1 / 2 + 1 / 2 + 1 / 3 + 1 / 3) / 4
    assert cluster_purity(clusters, Vocabulary(ANGLES), ODD) == pytest.approx(expected)


def purities(run: Path) -> dict[Side, Purity]:
    return {side: neighbor_purity(read_word_vectors(Run(run), side), grammar().kinds()) for side in get_args(Side)}


@pytest.mark.process
def test_one_epoch_teaches_kinds(demo_run: Path) -> None:
    learned = purities(demo_run)
    assert learned["both"].chance < 0.01
    assert learned["input"].nearest > 10 * learned["input"].chance
    assert min(learned["output"].nearest, learned["both"].nearest) > 0.6

    vectors = read_word_vectors(Run(demo_run))
    mapped = map_of_run(Run(demo_run), vectors, 1000)
    on_map = map_purity(np.column_stack([mapped.x, mapped.y]), vectors.vocabulary, grammar().kinds())
    assert on_map.chance == learned["both"].chance
    assert on_map.nearest > 0.4
    assert cluster_purity(mapped.cluster, vectors.vocabulary, grammar().kinds()) > 10 * on_map.chance


@pytest.mark.slow
def test_the_demo_knows_nearly_all_kinds(ptbterm: Command, home: Path) -> None:
    assert ptbterm("train", "--preset", "demo", "--view", "none", "--name", "demo").exit_code == 0
    learned = purities(home / "runs" / "demo")
    assert learned["both"].nearest > 0.97
    assert learned["both"].whole_kind > 0.94
    assert learned["input"].nearest > 0.35
