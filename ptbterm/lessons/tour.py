"""The tour: its steps in order, on one subject."""

from collections.abc import Iterator, Sequence

from ptbterm.lessons import (
    embedding_lookup,
    embedding_map,
    first_window,
    gradients,
    live_training,
    losses,
    lstm_cell,
    next_word,
    one_step,
    outputs,
    schedule,
    stacked_layers,
    the_corpus,
    this_is_an,
    toy_gradient,
)
from ptbterm.lessons.lesson import Lesson, Page
from ptbterm.lessons.subject import Subject

LESSONS: tuple[Lesson[Subject], ...] = (
    the_corpus.LESSON,
    first_window.LESSON,
    embedding_lookup.LESSON,
    lstm_cell.LESSON,
    stacked_layers.LESSON,
    outputs.LESSON,
    next_word.LESSON,
    losses.LESSON,
    toy_gradient.LESSON,
    gradients.LESSON,
    one_step.LESSON,
    schedule.LESSON,
    live_training.LESSON,
    this_is_an.LESSON,
    embedding_map.LESSON,
)


class Tour:
    """The steps of the tour, counted from 0, for one subject."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.titles: Sequence[str] = [lesson.title for lesson in LESSONS]

    @property
    def about(self) -> Sequence[str]:
        """The header's facts: corpus, model, seed."""
        subject = self._subject
        return (subject.corpus.text.title, subject.title, f"seed {subject.settings.training.seed}")

    def pages(self, step: int) -> Iterator[Page]:
        """Yield a step's page, preceded by partial pages while it computes; may be abandoned and started again."""
        return LESSONS[step].show(self._subject)
