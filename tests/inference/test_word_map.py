"""The map of words: words that belong together lie together, always in the same place; it is made once."""

import sys
from pathlib import Path

import numpy as np
import pytest

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.inference.embeddings import WordVectors
from ptbterm.inference.word_map import STEPS, WordMap, arrange, cluster, map_of_run
from ptbterm.runs.run import Run

pytestmark = pytest.mark.process  # arranges maps for seconds

KINDS, WORDS_OF_A_KIND = 5, 16


def words(seed: int = 1, count: int = KINDS * WORDS_OF_A_KIND) -> WordVectors:
    """Words of five kinds in turn: each near the direction of its kind."""
    random = np.random.default_rng(seed)
    kinds = random.normal(size=(KINDS, 20))
    vectors = kinds[np.arange(count) % KINDS] + 0.1 * random.normal(size=(count, 20))
    names = ["<unk>", "<eos>", *(f"word{number}" for number in range(2, count))]
    return WordVectors(Vocabulary(names), vectors.astype(np.float32))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "run").mkdir()
    return Run(tmp_path / "run")


class Steps(list[int]):
    """The steps that a map reported."""

    def __call__(self, steps: int) -> None:
        self.append(steps)


def test_words_of_a_kind_lie_together() -> None:
    places = arrange(words().directions, seed=1)
    assert places.min(axis=0).tolist() == [0, 0]
    assert places.max(axis=0).tolist() == [1, 1]
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert np.array_equal(distances.argmin(axis=1) % KINDS, np.arange(len(places)) % KINDS)


def test_clusters_are_the_kinds() -> None:
    clusters = np.array(cluster(words().directions, seed=1))
    assert len(set(clusters.tolist())) == KINDS
    for kind in range(KINDS):
        assert len(set(clusters[kind::KINDS].tolist())) == 1


def test_the_same_seed_draws_the_same_map() -> None:
    first, again, other = (arrange(words().directions, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_map_is_made_once(run: Run) -> None:
    steps, none = Steps(), Steps()
    made = map_of_run(run, words(), 1000, on_step=steps)
    assert steps == list(range(10, STEPS + 1, 10))
    assert map_of_run(run, words(), 1000, on_step=none) == made
    assert not none
    assert len(made) == len(made.x) == len(made.y) == KINDS * WORDS_OF_A_KIND


@pytest.mark.parametrize("change", ["vectors", "seed", "count"])
def test_a_map_of_other_vectors_or_seed_is_computed_again(run: Run, change: str) -> None:
    before = map_of_run(run, words(), 80)
    steps = Steps()
    vectors = words(2) if change == "vectors" else words()
    made = map_of_run(run, vectors, 60 if change == "count" else 80, 2 if change == "seed" else 1, steps)
    assert steps
    assert made != before
    assert len(made) == (60 if change == "count" else 80)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 2}', b"\xff\xfe"])
def test_a_damaged_map_is_computed_again(run: Run, damage: bytes) -> None:
    made = map_of_run(run, words(), 80)
    (file,) = (run.path / "maps").iterdir()
    file.write_bytes(damage)
    assert map_of_run(run, words(), 80) == made
    assert file.read_bytes() != damage


def test_a_run_that_can_not_be_written_to_has_a_map_all_the_same(run: Run) -> None:
    (run.path / "maps").write_text("in the way")
    assert isinstance(map_of_run(run, words(), 80), WordMap)


def test_too_few_words(run: Run) -> None:
    with pytest.raises(PtbtermError, match="at least 8 words, not 7"):
        map_of_run(run, words(count=7), 1000)
    assert len(map_of_run(run, words(count=8), 1000)) == 8


@pytest.mark.parametrize("missing", ["openTSNE", "sklearn.cluster"])
def test_without_the_extra(run: Run, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(PtbtermError, match=f"needs {missing}, which is not installed") as error:
        map_of_run(run, words(), 80)
    assert error.value.hint == "Install it: pip install 'ptbterm[plots]'"
    assert not (run.path / "maps").exists()
