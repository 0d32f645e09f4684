"""Files of a stranger that would cost much are refused before they do: by size, by names, by shapes."""

import json
import math
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ptbterm.corpus.vocabulary import read_vocabulary, read_word_counts
from ptbterm.errors import PtbtermError
from ptbterm.inference import word_map
from ptbterm.inference.embeddings import read_word_vectors
from ptbterm.inference.trained_model import load_run
from ptbterm.model.tensor_names import EMBEDDING
from ptbterm.runs.events import Warned
from ptbterm.runs.journal import Follower
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import parse_assignment, read_preset, resolve
from ptbterm.training import session
from tests.bad_input.readers import SETTINGS_TOML
from tests.training.tiny_runs import after_windows, events_of, ignore, never, new_run, tiny_corpus, trained

DOCUMENTS = {
    "a key of many parts": ".".join(["a"] * 14_000) + " = 1\n",
    "quoted parts": ".".join(['"a"'] * 14_000) + " = 1\n",
    "a table of many parts": "[" + ".".join(["a"] * 14_000) + "]\n",
    "many keys": "".join(f"k{number} = 1\n" for number in range(14_000)),
    "many tables": "".join(f"[t{number}]\n" for number in range(14_000)),
    "an open string": '"' + '\\"' * 14_000,
    "a large file": "#" * 2**21,
}


def peak(read: Callable[[], object]) -> int:
    """Return the most memory that Python objects take while `read` is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(PtbtermError):
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def budget(tmp_path: Path) -> int:
    """Ten times what the valid file takes."""
    run = Run(tmp_path)
    run.settings_file.write_bytes(SETTINGS_TOML)
    run.read_record()
    tracemalloc.start()
    run.read_record()
    valid = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return 10 * valid


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_settings_and_presets(text: str, tmp_path: Path, budget: int) -> None:
    (tmp_path / "settings.toml").write_text(text)
    assert peak(lambda: Run(tmp_path).read_record()) < budget
    assert peak(lambda: resolve(read_preset(str(tmp_path / "settings.toml")))) < budget


def test_an_assignment(budget: int) -> None:
    nested = "{" + ".".join(["a"] * 14_000) + " = 1}"
    tracemalloc.start()
    assert parse_assignment(f"training.epochs={nested}") == ("training.epochs", nested)
    assert tracemalloc.get_traced_memory()[1] < budget
    tracemalloc.stop()


def hole(file: Path, size: int) -> None:
    """Make a file larger; the new part takes no room on the disk."""
    os.truncate(file, size)


def test_words_and_counts(tiny_run: Path) -> None:
    run = Run(tiny_run)
    words = run.read_record().run.vocabulary_size
    for file in (run.vocabulary_file, run.word_counts_file):
        hole(file, 2**29)
    assert peak(lambda: read_vocabulary(run.vocabulary_file, words)) < 100_000
    assert peak(lambda: read_word_counts(run.word_counts_file, words)) < 100_000


def test_a_log(tiny_run: Path) -> None:
    """Not even a chunk of it is read."""
    hole(Run(tiny_run).events_file, 2**40)
    assert peak(Follower(Run(tiny_run).events_file).read) < 100_000


def test_a_map_of_words(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text("[" * 1_000)
    assert word_map._read(tmp_path / "map.json", 100) is None
    hole(tmp_path / "map.json", 2**29)
    tracemalloc.start()
    assert word_map._read(tmp_path / "map.json", 100) is None
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


@pytest.mark.parametrize("shape", [(2**28,), (2**20, 2**8), (19, 2**24)])
def test_word_vectors_of_another_shape(tiny_run: Path, shape: tuple[int, ...]) -> None:
    """They are 1 GB and more, of which the disk has none."""
    file = Run(tiny_run).checkpoint_to_use()
    size = 4 * math.prod(shape)
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}
    header = json.dumps({EMBEDDING: tensor}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    hole(file, 8 + len(header) + size)
    assert peak(lambda: read_word_vectors(Run(tiny_run))) < 1_000_000


def test_a_checkpoint(tiny_run: Path) -> None:
    run = Run(tiny_run)
    hole(run.checkpoint_to_use(), 2**31)
    with pytest.raises(PtbtermError, match=r"does not fit the settings of its run: it has 2,147,483,648 bytes\."):
        load_run(run, "cpu")


def test_a_checkpoint_to_resume_from(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=30)
    run = new_run(tmp_path / "runs", "run", corpus, "training.save_minutes=1e-9")
    session.resume(run, [], corpus, ignore, after_windows(4))
    for file in (run.last_checkpoint, run.previous_checkpoint):
        hole(file, 2**31)
    with pytest.raises(PtbtermError, match=r"does not fit the settings of its run: it has 2,147,483,648 bytes\."):
        session.resume(run, [], corpus, ignore, never)


def test_the_checkpoint_of_the_best_epoch(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=30)
    run = trained(tmp_path / "runs", "run", corpus)
    hole(run.best_checkpoint, 2**31)
    session.resume(run, ["training.epochs=3", "training.learning_rate=1e-9"], corpus, ignore, never)
    warnings = [event.message for event in events_of(run) if isinstance(event, Warned)]
    assert any("it has 2,147,483,648 bytes" in warning for warning in warnings), warnings


def test_a_checkpoint_whose_header_is_large(tiny_run: Path) -> None:
    file = Run(tiny_run).checkpoint_to_use()
    file.write_bytes((2**26).to_bytes(8, "little") + b" " * 100)
    hole(file, 2**26 + 8)
    with pytest.raises(PtbtermError, match="does not fit the settings"):
        load_run(Run(tiny_run), "cpu")
