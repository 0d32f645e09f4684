"""Step: the corpus, and the vocabulary built from its training text."""

from collections import Counter
from collections.abc import Iterable, Iterator

from ptbterm.corpus.vocabulary import build_vocabulary
from ptbterm.lessons import notebook
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Frame, Lesson, Page, Table
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject

WORDS = (
    "A language model reads one long stream of words; each line end has become the word <eos>. The training "
    "text decides the vocabulary: its words, the most frequent first. A word's place in that list, from 0, is "
    "its id: all that the network ever sees of it. Any other word is read as <unk>."
)
WORDS_SHOWN = 10


def show(subject: Subject) -> Iterator[Page]:
    """Count the training text again, as for the vocabulary."""
    corpus, limits = subject.corpus, subject.corpus.reading.settings
    counts: Counter[str] = Counter()
    for sentence in corpus.text.splits["train"].sentences(corpus.reader):
        counts.update(sentence)
    vocabulary = build_vocabulary(counts, limits.vocabulary_size, limits.minimum_count)

    splits = tuple(
        (split, f"{len(ids):,}", f"{100 * corpus.unknown_share(split):.1f} %") for split, ids in corpus.ids.items()
    )
    unknown = counts.total() - sum(counts[word] for word in vocabulary if word != "<unk>")
    times = {word: unknown if word == "<unk>" else counts[word] for word in vocabulary[:WORDS_SHOWN]}
    most_frequent = tuple(
        (f"{number}", word, f"{count:,}", f"{100 * count / counts.total():.2f} %")
        for number, (word, count) in enumerate(times.items())
    )
    frame = Frame(
        f"{corpus.text.title}: {len(vocabulary):,} word types",
        (
            Table(("split", "words", "<unk>"), splits),
            Table(("id", "word", "times", "share"), most_frequent, right=2, is_answer=True),
        ),
    )
    yield Page(
        WORDS,
        (excerpt(build_vocabulary, "order"),),
        (frame,),
        (
            holds(
                "counted again: the same vocabulary as the model's",
                true=tuple(vocabulary) == tuple(corpus.vocabulary),
            ),
            subject.as_in_the_notebook("word types", f"{len(vocabulary):,}", f"{notebook.VOCABULARY_SIZE:,}"),
            subject.as_in_the_notebook(
                "words of train, valid, test",
                _listed(map(len, corpus.ids.values())),
                _listed(notebook.WORDS.values()),
            ),
        ),
        question="Which ten words are the most frequent?",
    )


def _listed(counts: Iterable[int]) -> str:
    return ", ".join(f"{count:,}" for count in counts)


LESSON = Lesson("The corpus and its words", show)
