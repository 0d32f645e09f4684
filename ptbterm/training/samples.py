"""The model's predictions while it learns, for people who watch it."""

import math
from itertools import takewhile

from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.text_reader import TextReader
from ptbterm.errors import PtbtermError
from ptbterm.inference.generation import Sampling, generate
from ptbterm.inference.predictor import Predictor
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.mode import evaluating
from ptbterm.runs.events import Glimpse, WatchedContext
from ptbterm.settings.schema import TrainingSettings

CANDIDATES = 5
LINE_WORDS = 25


def sample_predictions(
    model: LanguageModel, reader: TextReader, settings: TrainingSettings, *, epoch: int, fraction: float
) -> Glimpse | None:
    """Rank the next words of the watched contexts that have no unknown word, and generate one line.

    The line is drawn from the same seed each time, so that training is the same with and without it, and two lines
    differ by what was learned in between. None if the probabilities are not finite: the next loss reports that.
    """
    with evaluating(model):
        return _sample(model, reader, settings, epoch, fraction)


def _sample(
    model: LanguageModel, reader: TextReader, settings: TrainingSettings, epoch: int, fraction: float
) -> Glimpse | None:
    vocabulary = reader.vocabulary
    predictor = Predictor(model, vocabulary, reader)
    watched = [context for context in settings.watched_contexts if UNKNOWN not in reader.words(context)]
    contexts = tuple(
        WatchedContext(context, predictor.predict(context, CANDIDATES).next_words) for context in watched
    )
    if not all(math.isfinite(word.probability) for context in contexts for word in context.next_words):
        return None
    end = vocabulary.end_of_sentence_id
    columns = generate(model, vocabulary, [end], LINE_WORDS, sampling=Sampling(seed=settings.seed))
    line = takewhile(lambda number: number != end, (drawn.id for (drawn,) in columns))
    try:
        generated = " ".join(vocabulary[number] for number in line)
    except PtbtermError:
        return None
    return Glimpse(epoch=epoch, fraction=fraction, contexts=contexts, generated=generated)
