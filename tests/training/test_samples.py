"""Samples of the model's predictions while it learns do not change the training."""

from pathlib import Path

import pytest

from ptbterm.checkpoints import load_checkpoint, load_weights
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.inference.predictor import Predictor
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import Glimpse
from ptbterm.runs.run import Run
from tests.training.tiny_runs import WORDS, checkpoints, events_of, tiny_corpus, trained

DROPOUT = "model.keep_prob=0.5"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    return tiny_corpus(tmp_path_factory.mktemp("corpus"), train_sentences=5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, corpus: EncodedCorpus) -> Run:
    watched = "training.watched_contexts=['this is an', 'this is news', 'the company said']"
    return trained(tmp_path_factory.mktemp("runs"), "first", corpus, DROPOUT, watched)


def glimpses(run: Run) -> list[Glimpse]:
    return [event for event in events_of(run) if isinstance(event, Glimpse)]


def test_watched_contexts_whose_words_are_known(run: Run) -> None:
    for glimpse in glimpses(run):
        assert [watched.context for watched in glimpse.contexts] == ["this is an", "the company said"]


def test_next_words_are_ranked_and_change_as_it_learns(run: Run) -> None:
    ranked = [watched.next_words for glimpse in glimpses(run) for watched in glimpse.contexts]
    for words in ranked:
        probabilities = [word.probability for word in words]
        assert len(words) == 5
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1
    assert len(set(ranked)) == len(ranked)


def test_the_last_one_is_what_the_trained_model_predicts(run: Run, corpus: EncodedCorpus) -> None:
    model = LanguageModel(run.read_record().model, len(corpus.vocabulary))
    load_weights(model, load_checkpoint(run.last_checkpoint))
    predicted = Predictor(model.eval(), corpus.vocabulary).predict("this is an", 5).next_words
    (watched, _) = glimpses(run)[-1].contexts
    assert watched.next_words == predicted


def test_the_generated_line_is_of_words_of_the_vocabulary(run: Run) -> None:
    lines = [glimpse.generated for glimpse in glimpses(run)]
    assert any(lines)
    assert {word for line in lines for word in line.split()} <= {*WORDS, "<unk>"}


def test_training_is_the_same_with_and_without_watched_contexts(
    run: Run, corpus: EncodedCorpus, tmp_path: Path
) -> None:
    unwatched = trained(tmp_path, "unwatched", corpus, DROPOUT, "training.watched_contexts=[]")
    assert {glimpse.contexts for glimpse in glimpses(unwatched)} == {()}
    assert checkpoints(unwatched) == checkpoints(run)
