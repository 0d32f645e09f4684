"""Step: the ranked next words after "this is an", before and after training."""

from collections.abc import Iterator
from itertools import takewhile

from ptbterm.corpus.marks import UNKNOWN
from ptbterm.inference.generation import Sampling, generate
from ptbterm.inference.predictor import Predictor
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Bar, Bars, Frame, Lesson, Page, Text
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import NextWord

WORDS = (
    "The model before training and after {learned}. Given a context, it ranks all words by their probability of "
    'being next. It was never taught what a noun is, or which words follow "an": it learned all of '
    "this by predicting. The last panel shows sentences that it generates."
)
CONTEXTS = ("this is an", "the company said")
LISTED = 4
SENTENCES, LONGEST = 5, 25


def show(subject: Subject) -> Iterator[Page]:
    """Rank the next words before and after training; finish the tour's own training first."""
    for share in subject.learn():
        yield Page("Training first; this takes a moment.", progress=share)
    learned = subject.learned_model()
    before = [_ranked(subject, subject.untrained(), context) for context in _contexts(subject)]
    after = [_ranked(subject, learned, context) for context in _contexts(subject)]
    frames = tuple(
        Frame(f"{context} ...", _before_and_after(first, second))
        for context, first, second in zip(_contexts(subject), before, after, strict=True)
    )
    generated = enumerate(_generated(subject, learned), 1)
    sentences = tuple(Text(f"{number}", text, is_answer=True) for number, text in generated)
    sharper = all(
        second[0].probability > first[0].probability for first, second in zip(before, after, strict=True)
    )
    yield Page(
        WORDS.format(learned=subject.what_was_learned()),
        (excerpt(Predictor.predict), excerpt(Predictor.rank)),
        (*frames, Frame("Sentences that it generates, sampled word by word", sentences)),
        (holds("the best guess is more probable than before training", true=sharper),),
        walk="context",
        question="Which words will the trained model rank first?",
    )


def _contexts(subject: Subject) -> list[str]:
    """Return the contexts whose words are all in the vocabulary, else the first words of the corpus."""
    contexts = [
        context for context in CONTEXTS if all(word in subject.corpus.vocabulary for word in context.split())
    ]
    first_words = subject.words(subject.reading.inputs[0][:3])
    return contexts or [" ".join(word for word in first_words if word != UNKNOWN)]


def _generated(subject: Subject, model: LanguageModel) -> list[str]:
    """Return sampled sentences, each up to its end or to `LONGEST` words."""
    vocabulary, seed = subject.corpus.vocabulary, subject.settings.training.seed
    end = vocabulary.end_of_sentence_id
    columns = generate(model, vocabulary, [end], LONGEST, SENTENCES, Sampling(seed=seed))
    texts = zip(*([drawn.id for drawn in column] for column in columns), strict=True)
    return [" ".join(vocabulary[word] for word in takewhile(lambda word: word != end, text)) for text in texts]


def _ranked(subject: Subject, model: LanguageModel, context: str) -> tuple[NextWord, ...]:
    corpus = subject.corpus
    return Predictor(model, corpus.vocabulary, corpus.text_reader()).predict(context, LISTED).next_words


def _before_and_after(before: tuple[NextWord, ...], after: tuple[NextWord, ...]) -> tuple[Bars, Bars]:
    longest = max(before[0].probability, after[0].probability)
    return _bars("before", before, longest), _bars("after", after, longest, is_answer=True)


def _bars(title: str, ranked: tuple[NextWord, ...], longest: float, *, is_answer: bool = False) -> Bars:
    bars = tuple(
        Bar(f"{place} {word.word}", word.probability / longest, f"{100 * word.probability:.3g} %")
        for place, word in enumerate(ranked, 1)
    )
    return Bars(title, bars, is_answer=is_answer)


LESSON = Lesson("This is an ...", show)
