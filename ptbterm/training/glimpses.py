"""What the model expects by now, for people who watch it learn."""

from itertools import takewhile

from ptbterm.corpus.tokenizer import read_words
from ptbterm.corpus.vocabulary import UNKNOWN, Vocabulary
from ptbterm.inference.generation import Sampling, generate
from ptbterm.inference.predictor import Predictor
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import Glimpse, WatchedContext
from ptbterm.settings.schema import TrainingSettings

CANDIDATES = 5
LINE_WORDS = 25


def glimpse(
    model: LanguageModel, vocabulary: Vocabulary, settings: TrainingSettings, *, epoch: int, fraction: float
) -> Glimpse:
    """Rank the next words of the watched contexts whose words are all known, and generate one line.

    The line is drawn from a stream of its own that starts anew each time, so that training is the same with
    and without it, and two lines differ by what was learned between them. Leaves the model in evaluation mode.
    """
    model.eval()
    predictor = Predictor(model, vocabulary)
    known = [context for context in settings.watched_contexts if UNKNOWN not in read_words(context, vocabulary)]
    end = vocabulary.end_of_sentence_id
    columns = generate(model, [end], LINE_WORDS, 1, Sampling(seed=settings.seed))
    line = takewhile(lambda number: number != end, (drawn.id for (drawn,) in columns))
    return Glimpse(
        epoch=epoch,
        fraction=fraction,
        contexts=tuple(
            WatchedContext(context, predictor.predict(context, CANDIDATES).next_words) for context in known
        ),
        generated=" ".join(vocabulary[number] for number in line),
    )
