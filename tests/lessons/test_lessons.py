"""Every lesson on a fresh model and on trained ones: what it shows is so, and the lines it shows have run."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import ptbterm
from ptbterm.errors import PtbtermError
from ptbterm.lessons.checks import equals, holds
from ptbterm.lessons.lesson import Block, HeatMap, Page, Table, Verdict
from ptbterm.lessons.subject import Subject, fresh_subject, subject_of_run
from ptbterm.lessons.tour import LESSONS, Tour
from ptbterm.terminal.text.hints import hint_for
from tests.lessons.subjects import encode, fresh, last_page, letters, of_a_run

pytestmark = pytest.mark.process  # trains

STEPS = range(1, len(LESSONS) + 1)
PACKAGE = Path(ptbterm.__file__).parent


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return fresh(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module", params=["small", "fast", "notebook"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Runs that differ in all that a lesson may meet: tied or not, SGD or AdamW, own cells or a shared one."""
    sampled = ("training.sampled_words=0",) if request.param == "fast" else ()
    return of_a_run(tmp_path_factory.mktemp("runs"), request.param, *sampled)


def table(page: Page, frame: int = 0, number: int = 0) -> dict[str, tuple[str, ...]]:
    """A table's rows by their first cells."""
    tables = [block for block in page.frames[frame].blocks if isinstance(block, Table)]
    return {first: tuple(rest) for first, *rest in tables[number].rows}


def heat_maps(page: Page, frame: int) -> dict[str, HeatMap]:
    return {block.title: block for block in page.frames[frame].blocks if isinstance(block, HeatMap)}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_words_lines_values_and_checks_that_hold(subject: Subject, step: int) -> None:
    page = last_page(subject, step)
    assert 40 < len(page.all_words(hides_answers=False).split()) < 90
    assert page.code
    assert all(frame.title and frame.blocks for frame in page.frames)
    assert bool(page.walk) == (len(page.frames) > 1)
    assert page.progress is None
    assert page.checks
    assert [check for check in page.checks if check.verdict is Verdict.FAILS] == []


@pytest.mark.parametrize("step", STEPS)
def test_a_trained_run_can_be_walked_too(trained: Subject, step: int) -> None:
    page = last_page(trained, step)
    assert page.frames
    assert page.checks
    assert [check for check in page.checks if check.verdict is Verdict.FAILS] == []


def test_the_same_numbers_each_time(subject: Subject, tmp_path: Path) -> None:
    again = fresh(tmp_path)
    for step in STEPS:
        one, other = last_page(subject, step), last_page(again, step)
        assert one.checks == other.checks
        assert one.code == other.code
        assert [frame.title for frame in one.frames] == [frame.title for frame in other.frames]
        for first, second in zip(blocks(one), blocks(other), strict=True):
            assert comparable(first) == comparable(second)


def test_a_model_with_dropout_shows_the_same_gradients_each_time(trained: Subject) -> None:
    for step in (10, 11):
        assert last_page(trained, step).frames == last_page(trained, step).frames


def blocks(page: Page) -> list[Block]:
    return [block for frame in page.frames for block in frame.blocks]


def comparable(block: Block) -> object:
    return (block.title, block.labels, block.values.tolist()) if isinstance(block, HeatMap) else block


@contextmanager
def lines_run() -> Iterator[set[tuple[str, int]]]:
    """Collect the file and the number of each line of ptbterm that runs in the block."""
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(str(PACKAGE)):
            return None
        if event == "line":
            seen.add((file, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(before)


def not_run(walked: Subject) -> set[str]:
    """What is shown as lines that ran, and none of whose statement did."""
    with lines_run() as ran:
        pages = [last_page(walked, step) for step in STEPS]
    return {
        text.strip()
        for page in pages
        if page.ran == "The lines that ran"
        for excerpt in page.code
        for number, text in excerpt.lines
        if not text.lstrip().startswith("#") and (excerpt.file, statement(excerpt.file, number)) not in ran
    }


def statement(file: str, line: int) -> int:
    """The first line of the innermost statement that a line belongs to."""
    nodes = ast.walk(ast.parse(Path(file).read_text(encoding="utf-8")))
    return max(
        node.lineno
        for node in nodes
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    )


NOT_TAKEN = {
    "notebook": {"outputs = outputs + below"},
    "small": {"outputs = outputs + below"},
    "fast": {"weights.grad = _dense(weights.grad)"},
}
"""Of the branches that are shown, the lines of those that a model does not take."""


def test_the_lines_shown_have_run(tmp_path: Path) -> None:
    assert not_run(fresh(tmp_path)) == NOT_TAKEN["notebook"]


def test_the_lines_shown_of_a_trained_run_have_run(trained: Subject, tmp_path: Path) -> None:
    assert trained.trained is not None
    again = subject_of_run(trained.trained, trained.corpus, tmp_path)
    assert not_run(again) == NOT_TAKEN[again.resolved.preset]


def test_every_mark_is_in_the_source(subject: Subject, trained: Subject) -> None:
    for walked in (subject, trained):
        pages = [last_page(walked, step) for step in STEPS]
        assert [excerpt.note for page in pages for excerpt in page.code if excerpt.note or not excerpt.lines] == []


def test_lines_that_are_of_another_time_are_not_said_to_have_run(subject: Subject, trained: Subject) -> None:
    assert last_page(subject, 13).ran == "The loop that trains"
    assert last_page(trained, 13).ran == "The loop that trained it"


def test_the_line_that_makes_the_losses_is_among_those_of_one_step(subject: Subject) -> None:
    lines = [text for excerpt in last_page(subject, 11).code for _, text in excerpt.lines]
    assert "nats = self.word_nats(hidden, targets)" in lines
    assert lines.index("nats = self.word_nats(hidden, targets)") < lines.index("cost.backward()")


def test_the_toy_gradient(subject: Subject) -> None:
    rows = table(last_page(subject, 9))
    assert [row[0] for row in rows.values()] == ["8", "10", "3"]


def test_the_memory_of_a_cell_is_what_its_gates_make_of_it(subject: Subject) -> None:
    page = last_page(subject, 4)
    assert len(page.frames) == 20
    (_, f, _), (_, before, _) = (heat_maps(page, 8)[name].values for name in ("gates", "values"))
    i, f, o = heat_maps(page, 9)["gates"].values
    j, c, h = heat_maps(page, 9)["values"].values
    assert c == pytest.approx(f * before + i * j, abs=1e-6)
    assert abs(h).max() < abs(c).max()
    assert ((o > 0) & (o < 1)).all()


def test_one_step_lowers_the_cost_and_clipping_keeps_what_is_below(subject: Subject) -> None:
    before, after = map(float, table(last_page(subject, 11))["cost"])
    assert after < before
    norm, at_5, halved = map(float, table(last_page(subject, 10))["all as one"])
    assert norm == at_5 < 5
    assert halved == pytest.approx(norm / 2, abs=0.001)


def test_a_training_that_is_left_continues_and_ends_with_the_same_numbers(tmp_path: Path) -> None:
    corpus = letters(tmp_path, repeats=300)
    left, whole = (fresh(tmp_path / name, corpus) for name in ("left", "whole"))
    pages = Tour(left).pages(12)
    assert next(pages).progress is not None
    pages.close()  # type: ignore[attr-defined]
    assert left.training.done < left.training.windows
    assert last_page(left, 13).checks == last_page(whole, 13).checks
    assert last_page(left, 14).frames == last_page(whole, 14).frames


def test_what_has_been_learned_can_be_asked_for_without_the_training_step(
    subject: Subject, tmp_path: Path
) -> None:
    assert last_page(fresh(tmp_path), 14).frames == last_page(subject, 14).frames


def test_a_text_too_short_for_a_window(tmp_path: Path) -> None:
    corpus = letters(tmp_path)
    corpus = replace(corpus, ids={**corpus.ids, "train": corpus.ids["train"][:600]})
    (tmp_path / "tour").mkdir()
    with pytest.raises(PtbtermError, match="a window of 30 x 20 words needs 630, and it has 600"):
        fresh_subject(corpus, tmp_path / "tour")


def test_the_text_of_a_run_that_is_no_longer_the_same(trained: Subject, tmp_path: Path) -> None:
    assert trained.trained is not None
    (tmp_path / "other").mkdir()
    for split in ("train", "valid", "test"):
        (tmp_path / "other" / f"{split}.txt").write_text("something else\n" * 300)
    with pytest.raises(PtbtermError, match="has changed since run small was trained on it") as error:
        subject_of_run(trained.trained, encode(tmp_path / "other", tmp_path), tmp_path)
    path = tmp_path / "other" / "train.txt"
    assert hint_for(error.value).startswith(
        f"Restore {path} as it was. Take the tour with an untrained model: ptbterm tour"
    )


def test_checks_can_fail() -> None:
    assert equals("itself", 0.0).claim == "equals itself exactly"
    assert equals("nearly", 6e-8).claim == "equals nearly to 6e-08"
    assert equals("hardly", 0.1).verdict is Verdict.FAILS
    assert holds("this is so", true=False).verdict is Verdict.FAILS
