"""Step: each id becomes a vector, a row of the embedding."""

from collections.abc import Iterator

import torch
from torch.nn import functional

from ptbterm.lessons.checks import equals, holds, largest_difference
from ptbterm.lessons.lesson import Frame, HeatMap, Lesson, Page
from ptbterm.lessons.scale import usual_size
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.model.language_model import LanguageModel

WORDS = (
    "An id is only a name; the network computes with vectors. The embedding is a matrix with {size} numbers for "
    "each of the {words:,} words, and looking up a word takes its row{times}. The rows are weights like all "
    "others: {learned}"
)
UNTRAINED = "random now, but with training words that are used alike get similar rows."
TRAINED = "random at first; by now words that are used alike have similar rows."


def show(subject: Subject) -> Iterator[Page]:
    """Show the vectors of the first row of the window."""
    reading, model = subject.reading, subject.model
    scale = model.settings.embedding_scale
    times = f" times {scale:g}" if scale != 1 else ""
    vectors = reading.vectors[:, 0]
    one_hot = functional.one_hot(reading.inputs[0], model.vocabulary_size).float()
    product = one_hot @ model.embedding.detach() * scale
    repeated = _repeated_word(subject.words(reading.inputs[0]))
    bound = usual_size(vectors)
    heat = HeatMap(
        "vectors", tuple(subject.words(reading.inputs[0])), vectors.numpy(), -bound, bound, figures=False
    )
    checks = [equals(f"one-hot vectors times the matrix{times}", largest_difference(vectors, product))]
    if repeated:
        word, first, second = repeated
        claim = f"“{word}” at steps {first + 1} and {second + 1}: the same row"
        checks.append(holds(claim, true=torch.equal(vectors[first], vectors[second])))
    yield Page(
        WORDS.format(
            size=vectors.shape[1],
            words=model.vocabulary_size,
            times=times,
            learned=TRAINED if subject.trained else UNTRAINED,
        ),
        (excerpt(LanguageModel.forward, "lookup", *(["scale"] if times else [])),),
        (Frame(f"Row 1 of {_batch_first(reading.vectors)}", (heat,)),),
        tuple(checks),
    )


def _batch_first(vectors: torch.Tensor) -> tuple[int, ...]:
    return tuple(vectors.transpose(0, 1).shape)


def _repeated_word(words: list[str]) -> tuple[str, int, int] | None:
    for second, word in enumerate(words):
        if word in words[:second]:
            return word, words.index(word), second
    return None


LESSON = Lesson("Embedding lookup", show)
