"""The floor: the demo grammar scored like any model, on the words that the protocol scores."""

import math
from random import Random

import numpy as np
import pytest

from ptbterm.corpus import demo
from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import one_text
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.floor import floor_perplexity
from ptbterm.inference.word_scorers import PrecomputedScorer
from ptbterm.settings.choices import Protocol


def perplexity_of(nats: list[float], protocol: Protocol) -> float:
    ids = np.zeros(len(nats), dtype=np.int32)
    return evaluate(PrecomputedScorer(np.array(nats)), np.split(ids, [100]), protocol, unknown_id=1).perplexity


def test_the_nats_counted_are_those_of_the_words_that_the_protocol_scores() -> None:
    words = 30 * 45 + 7
    in_windows = {row * 45 + column for row in range(30) for column in range(1, 41)}
    assert perplexity_of([float(number > 0) for number in range(words)], "stream") == pytest.approx(math.e)
    notebook = [float(number in in_windows) for number in range(words)]
    assert perplexity_of(notebook, "notebook") == pytest.approx(math.e)


@pytest.fixture(scope="module")
def demo_text(tmp_path_factory: pytest.TempPathFactory) -> CorpusText:
    path, random = tmp_path_factory.mktemp("corpus") / "demo.test.txt", Random(1)
    path.write_text("".join(" ".join(demo.grammar().sample(random).words) + "\n" for _ in range(5)))
    return CorpusText("demo", "demo corpus", {"test": one_text(path)}, "")


def words_of(text: CorpusText) -> list[str]:
    return sorted({word for sentence in text.splits["test"].sentences() for word in sentence} | {UNKNOWN})


def test_the_floor_of_the_demo_corpus(demo_text: CorpusText) -> None:
    nats = demo.word_nats(demo_text.splits["test"].path)
    floor = floor_perplexity(demo_text, "test", Vocabulary(words_of(demo_text)), "stream")
    assert floor == pytest.approx(math.exp(nats[1:].mean()))


def test_no_floor_for_another_corpus(demo_text: CorpusText) -> None:
    same_text = CorpusText("/my/own", demo_text.title, demo_text.splits, "")
    assert floor_perplexity(same_text, "test", Vocabulary(words_of(demo_text)), "stream") is None


def test_no_floor_where_the_vocabulary_lacks_a_word(demo_text: CorpusText) -> None:
    words = words_of(demo_text)
    words.remove(next(word for word in words if word.isalpha()))
    assert floor_perplexity(demo_text, "test", Vocabulary(words), "stream") is None
