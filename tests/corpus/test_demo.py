"""The demo corpus: the same text everywhere, from a grammar that knows the truth about every word of it."""

import hashlib
import math
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ptbterm.corpus import demo
from ptbterm.corpus.checksums import all_intact
from ptbterm.corpus.demo import SHA256, ensure_demo_corpus
from ptbterm.corpus.grammar import ExactModel
from ptbterm.errors import PtbtermError
from ptbterm.settings.schema import TrainingSettings


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("corpora")
    demo.ensure_demo_corpus(place)
    return place


@pytest.fixture(scope="module")
def model() -> ExactModel:
    return ExactModel(demo.grammar())


def words_of(corpora: Path, split: str) -> list[str]:
    return (corpora / f"demo/demo.{split}.txt").read_text(encoding="utf-8").replace("\n", " <eos> ").split()


def sums_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_same_bytes_everywhere(corpora: Path) -> None:
    assert sums_of(corpora / "demo") == demo.SHA256


@pytest.mark.parametrize(("split", "words"), [("train", 200_000), ("valid", 8_000), ("test", 8_000)])
def test_sizes(corpora: Path, split: str, words: int) -> None:
    assert words <= len(words_of(corpora, split)) < words + 50


def test_words(corpora: Path) -> None:
    types = set(words_of(corpora, "train"))
    assert len(types) >= 400
    assert {"<unk>", "N"} < types
    assert {word for word in types if word != word.lower()} == {"N"}
    assert types >= {*words_of(corpora, "valid"), *words_of(corpora, "test")}


def test_no_sentence_has_two_derivations(model: ExactModel) -> None:
    random = Random(0)
    for _ in range(600):
        sentence = demo.grammar().sample(random)
        exact = math.fsum(model.word_log_probabilities(sentence.words))
        assert exact == pytest.approx(sentence.log_probability, abs=1e-9), sentence.words


def test_next_words_are_a_distribution_that_agrees_with_advance(model: ExactModel) -> None:
    random = Random(1)
    for _ in range(40):
        prefix = model.start
        for word in [*demo.grammar().sample(random).words, "<eos>"]:
            next_words = model.next_words(prefix)
            assert math.fsum(next_words.values()) == pytest.approx(1, abs=1e-12)
            for candidate, likelihood in next_words.items():
                assert model.advance(prefix, candidate)[0] == pytest.approx(likelihood, abs=1e-12)
            assert model.advance(prefix, "xyzzy") == (0, {})
            _, prefix = model.advance(prefix, word)


@pytest.mark.parametrize("context", TrainingSettings().watched_contexts)
def test_watched_contexts_can_continue_in_many_ways(model: ExactModel, context: str) -> None:
    prefix = model.start
    for word in context.split():
        _, prefix = model.advance(prefix, word)
    assert len(model.next_words(prefix)) >= 5


def test_nats_of_every_word_in_order(corpora: Path) -> None:
    nats = demo.word_nats(corpora / "demo/demo.valid.txt")
    words = words_of(corpora, "valid")
    assert len(nats) == len(words)
    ends = np.flatnonzero(np.array(words) == "<eos>") + 1
    random = Random(f"{demo.SEED} demo.valid.txt")
    expected = [-demo.grammar().sample(random).log_probability for _ in ends]
    assert np.diff(np.cumsum(nats)[ends - 1], prepend=0) == pytest.approx(expected, abs=1e-9)


SENTENCE = "the analysts at exxon who follow the oil industry expect crude to rise next year"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"expect": "expects"}, "word 10, 'expects'"),
        ({"crude": "loans"}, "word 11, 'loans'"),
        ({"exxon": "Exxon"}, "word 4, 'Exxon'"),
        ({" to rise next year": ""}, "word 12, '<eos>'"),
    ],
    ids=["agreement", "topic", "capitals", "cut off"],
)
def test_text_that_the_grammar_does_not_allow(tmp_path: Path, change: dict[str, str], complaint: str) -> None:
    text = tmp_path / "text.txt"
    text.write_text(f"{SENTENCE}\n\n{SENTENCE}\n")
    assert len(demo.word_nats(text)) == 2 * 16
    [(old, new)] = change.items()
    text.write_text(f"{SENTENCE}\n\n{SENTENCE.replace(old, new)}\n")
    with pytest.raises(PtbtermError) as error:
        demo.word_nats(text)
    assert error.value.message.startswith(f"{text} is not from the demo corpus: sentence 2, {complaint}, ")


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_damaged_corpus_is_written_again(tmp_path: Path, damage: str) -> None:
    folder = demo.ensure_demo_corpus(tmp_path)
    victim = folder / "demo.test.txt"
    if damage == "changed":
        victim.write_bytes(victim.read_bytes().replace(b"oil", b"gas", 1))
    else:
        victim.unlink()
    assert sums_of(folder) != demo.SHA256
    assert demo.ensure_demo_corpus(tmp_path) == folder
    assert sums_of(folder) == demo.SHA256
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_whole_corpus_is_left_as_it_is(corpora: Path) -> None:
    def written() -> list[tuple[Path, int, int]]:
        return [
            (path, path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted((corpora / "demo").iterdir())
        ]

    before = written()
    demo.ensure_demo_corpus(corpora)
    assert written() == before


def test_where_it_cannot_be_written_it_is_temporary(tmp_path: Path) -> None:
    corpora = tmp_path / "corpora"
    corpora.symlink_to("/proc")
    folder = ensure_demo_corpus(corpora)
    assert all_intact(folder, SHA256)
    assert not folder.is_relative_to(corpora)
