"""The floor of the perplexity on the demo corpus: that of the grammar that generated it."""

from ptbterm.corpus import demo
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.word_scorers import PrecomputedScorer
from ptbterm.settings.choices import Protocol


def floor_perplexity(text: CorpusText, split: str, vocabulary: Vocabulary, protocol: Protocol) -> float | None:
    """Return the grammar's own perplexity on a split of the demo corpus; None for any other corpus.

    None also where `vocabulary` lacks words of the split: with fewer words to distinguish, a model can be better
    than the grammar.
    """
    words = text.splits[split]
    if not text.is_demo or any(word not in vocabulary for sentence in words.sentences() for word in sentence):
        return None
    grammar = PrecomputedScorer(demo.word_nats(words.path))
    ids = vocabulary.encode(words.sentences())
    return evaluate(grammar, ids, protocol, vocabulary.unknown_id).perplexity
