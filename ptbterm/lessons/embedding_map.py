"""Step: the map of the word vectors, where words that are used alike lie near each other."""

from collections.abc import Iterator

import numpy as np

from ptbterm.inference.embeddings import Neighbor, WordVectors
from ptbterm.inference.trained_model import word_vectors_of
from ptbterm.lessons.lesson import Check, Frame, Lesson, Matrix, Page, Table, Verdict, WordScatter
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject

WORDS = (
    "{vectors} Words that are used alike get similar gradients, and their cosine approaches 1. Here after "
    "{learned}: frequent words in the plane of largest variance, then the nearest neighbors of some. The "
    "word map of a run shows a thousand."
)
TWO = "A word has two vectors: its row of the embedding and its column of the softmax. Both start random."
ONE = "Here a word has one vector, by which it is read and predicted. It starts random."
QUERIES = ("rose", "company", "million", "march", "he", "new", "three", "london")
NEAREST = 5
MAX_QUERIES = 6
MAPPED = 120


def show(subject: Subject) -> Iterator[Page]:
    """Look up nearest words before and after training; finish the tour's own training first."""
    for share in subject.learn():
        yield Page("Training first; this takes a moment.", progress=share)
    models = (subject.untrained(), subject.learned_model())
    before, after = (word_vectors_of(model, subject.corpus.vocabulary) for model in models)
    queries = _queries(subject)
    nearest = tuple(Frame(f"Nearest to “{word}”", (_nearest(word, before, after),)) for word in queries)
    mapped = subject.corpus.vocabulary[:MAPPED]
    plane = principal_plane(after.directions[: len(mapped)])
    places = tuple((word, float(x), float(y)) for word, (x, y) in zip(mapped, plane, strict=True))
    closer = np.mean([_nearness(after, word) - _nearness(before, word) for word in queries])
    change = "rose" if closer > 0 else "fell"  # it may fall in a run of a few windows
    yield Page(
        WORDS.format(vectors=ONE if subject.settings.model.tied else TWO, learned=subject.what_was_learned()),
        (
            excerpt(WordVectors.neighbors, "nearest"),
            excerpt(principal_plane),
        ),
        (Frame("The most frequent words", (WordScatter("", places, is_answer=True),)), *nearest),
        (Check(Verdict.HOLDS, f"the nearest word's cosine {change} by {abs(closer):.2f} on average"),),
        walk="nearest words",
        question=f"Which words will be nearest to {_listed(queries)}?",
    )


def principal_plane(vectors: Matrix) -> Matrix:
    """Project vectors (words, size) to points (words, 2) on their first two principal components."""
    centered = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centered, full_matrices=False)
    points: Matrix = centered @ directions[:2].T
    return points


def _queries(subject: Subject) -> list[str]:
    words = [word for word in QUERIES if word in subject.corpus.vocabulary]
    return (words or list(subject.corpus.vocabulary))[:MAX_QUERIES]


def _listed(words: list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _nearest(word: str, before: WordVectors, after: WordVectors) -> Table:
    columns = ([_cell(near) for near in vectors.neighbors(word, NEAREST)] for vectors in (before, after))
    return Table(("before", "after"), tuple(zip(*columns, strict=True)), right=2, is_answer=True)


def _cell(near: Neighbor) -> str:
    return f"{near.similarity:.2f} {near.word}"


def _nearness(vectors: WordVectors, word: str) -> float:
    return vectors.neighbors(word, 1)[0].similarity


LESSON = Lesson("The embedding map", show)
