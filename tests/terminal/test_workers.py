"""The threads behind the chat, the tour and the word map, alone: a list takes their messages."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from textual.message import Message

from ptbterm.errors import PtbtermError
from ptbterm.inference.answer import Answer, AnswerOptions
from ptbterm.inference.word_map import OnStep
from ptbterm.lessons.lesson import Page
from ptbterm.terminal.app import LoadFailed
from ptbterm.terminal.screens.chat.answer_worker import AnswerWorker, Question
from ptbterm.terminal.screens.tour.lesson_worker import LessonWorker
from ptbterm.terminal.screens.word_map.atlas import Atlas
from ptbterm.terminal.screens.word_map.map_worker import MapWorker

PATIENCE = 10.0


class Worker(Protocol):
    def run(self) -> None: ...
    def close(self) -> None: ...


class Inbox(list[Message]):
    """The messages of a worker, and how to wait for one."""

    def until(self, holds: Callable[[Message], bool]) -> Message:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            messages: list[Message] = list(self)
            for message in messages:
                if holds(message):
                    return message
            time.sleep(0.005)
        raise AssertionError(list(self))


@contextmanager
def running(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()


class ToyModel:
    """Answers any text with itself; asked for `slow`, it waits until it may continue."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_continue = threading.Event()

    def answer(self, text: str, cursor: int, options: AnswerOptions) -> Answer:
        self.asked.append(text)
        if text == "slow":
            self.may_continue.wait(PATIENCE)
        return Answer(text, cursor, options=options)

    def ghost(self, answer: Answer) -> tuple[str, ...]:
        return (f"{answer.text} again",)


def question(text: str, *, ghost: bool = True) -> Question:
    return Question(text, len(text), AnswerOptions(ghost=ghost))


def answer_to(text: str, ghost: tuple[str, ...] = ()) -> Callable[[Message], bool]:
    return lambda message: (
        isinstance(message, AnswerWorker.Answered) and (message.answer.text, message.answer.ghost) == (text, ghost)
    )


def test_an_answer_comes_first_and_its_ghost_after_it() -> None:
    inbox = Inbox()
    worker = AnswerWorker(ToyModel, inbox.append)
    worker.ask(question("the"))
    with running(worker):
        inbox.until(answer_to("the", ("the again",)))
    assert [answer_to("the")(message) for message in inbox] == [True, False]


def test_without_ghost_text_none_is_computed() -> None:
    inbox = Inbox()
    worker = AnswerWorker(ToyModel, inbox.append)
    with running(worker):
        worker.ask(question("the", ghost=False))
        inbox.until(answer_to("the"))
        worker.ask(question("cat", ghost=False))
        inbox.until(answer_to("cat"))
    assert len(inbox) == 2


def test_only_the_newest_of_fast_questions_is_answered() -> None:
    inbox, model = Inbox(), ToyModel()
    worker = AnswerWorker(lambda: model, inbox.append)
    with running(worker):
        worker.ask(question("slow"))
        while model.asked != ["slow"]:
            time.sleep(0.005)
        for text in ("t", "th", "the"):
            worker.ask(question(text))
        model.may_continue.set()
        inbox.until(answer_to("the"))
    assert model.asked == ["slow", "the"]
    assert not [message for message in inbox if answer_to("slow", ("slow again",))(message)]


def test_a_question_knows_its_answer() -> None:
    asked = question("the")
    answer = Answer("the", 3, options=asked.options)
    assert asked.is_answered_by(answer)
    for other in (
        replace(answer, text="The"),
        replace(answer, cursor=2),
        replace(answer, options=AnswerOptions(2.0)),
    ):
        assert not asked.is_answered_by(other)


def fail(*_: object) -> ToyModel:
    raise PtbtermError("The checkpoint is damaged.")


def test_a_failure_to_load_is_posted() -> None:
    for worker_of in (
        lambda post: AnswerWorker(fail, post),
        lambda post: LessonWorker(fail, post),  # type: ignore[arg-type]
        lambda post: MapWorker(fail, post),  # type: ignore[arg-type]
    ):
        inbox = Inbox()
        with running(worker_of(inbox.append)):
            failed = inbox.until(lambda message: isinstance(message, LoadFailed))
        assert isinstance(failed, LoadFailed)
        assert failed.error.message == "The checkpoint is damaged."


class ToyLessons:
    """Three steps; all but the first have a page that is half done."""

    titles: Sequence[str] = ("one", "two", "three")
    about: Sequence[str] = ()

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.may_continue = threading.Event()

    def pages(self, step: int) -> Iterator[Page]:
        self.begun.append(step)
        if step:
            yield Page("half", (), (), progress=0.5)
            self.may_continue.wait(PATIENCE)
        yield Page("whole", (), ())


def page_of(step: int, words: str) -> Callable[[Message], bool]:
    return lambda message: (
        isinstance(message, LessonWorker.Computed) and (message.step, message.page.words) == (step, words)
    )


def test_a_step_is_computed_once() -> None:
    inbox, lessons = Inbox(), ToyLessons()
    worker = LessonWorker(lambda: lessons, inbox.append)
    with running(worker):
        inbox.until(lambda message: isinstance(message, LessonWorker.LessonsLoaded))
        worker.compute(2)
        inbox.until(page_of(2, "half"))
        worker.compute(1)
        lessons.may_continue.set()
        inbox.until(page_of(1, "whole"))
        worker.compute(3)
        inbox.until(page_of(3, "whole"))
        worker.compute(1)
        worker.compute(2)
        time.sleep(0.05)
    assert lessons.begun == [1, 0, 2]


def test_a_newer_page_takes_the_place_of_an_older_one_of_its_step() -> None:
    page = Page("", (), ())
    older = LessonWorker.Computed(1, page)
    assert older.can_replace(LessonWorker.Computed(1, page))
    assert not older.can_replace(LessonWorker.Computed(2, page))


def test_leaving_ends_a_map_that_is_being_made() -> None:
    inbox = Inbox()
    steps = threading.Event()

    def load(on_step: OnStep) -> Atlas:
        for step in range(10**6):
            on_step(step)
            steps.set()
            time.sleep(0.001)
        raise AssertionError

    with running(MapWorker(load, inbox.append)):
        assert steps.wait(PATIENCE)
    assert {type(message) for message in inbox} == {MapWorker.Progressed}
