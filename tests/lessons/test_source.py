"""The lines that a lesson shows are those of the source, by file and number."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ptbterm
from ptbterm.lessons.source import excerpt
from ptbterm.model.stack import Stack
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.optimizers import SGD
from ptbterm.training.schedules import learning_rate

PACKAGE = Path(ptbterm.__file__).parent


def example(numbers: list[int]) -> int:
    """Return a difference; the docstring is not shown."""
    # tour shows: start
    total = 0

    # tour shows: loop
    for number in numbers:
        # tour shows: condition
        if number > 1:
            total += number  # type: ignore[unused-ignore]
        first, second = number, total
    total -= first + second
    return total


def shown(function: Callable[..., Any], *marks: str) -> list[str]:
    return [text for _, text in excerpt(function, *marks).lines]


def test_a_body_is_shown_without_its_docstring_and_marks() -> None:
    lines = shown(example)
    assert lines[0] == "total = 0"
    assert lines[1] == "for number in numbers:"
    assert lines[2] == "    if number > 1:"
    assert lines[-1] == "return total"


def test_a_mark_shows_what_follows_up_to_a_blank_line_or_the_end_of_the_block() -> None:
    assert shown(example, "start") == ["total = 0"]
    assert shown(example, "loop")[0] == "for number in numbers:"
    assert shown(example, "loop")[-1] == "return total"
    assert shown(example, "condition")[-1] == "first, second = number, total"
    assert shown(example, "condition", "start")[:2] == ["total = 0", "if number > 1:"]


def test_comments_for_tools_are_left_out() -> None:
    assert shown(example, "condition")[1] == "    total += number"


def test_a_missing_mark_gives_a_note_and_no_lines() -> None:
    result = excerpt(example, "start", "finish")
    assert not result.lines
    assert result.note == "example has no lines marked finish."


def test_source_that_is_not_installed_gives_a_note() -> None:
    scope: dict[str, Any] = {}
    exec(compile("def compiled():\n    return 1\n", "nowhere.py", "exec"), scope)
    result = excerpt(scope["compiled"])
    assert not result.lines
    assert "compiled" in result.note


@pytest.mark.parametrize("function", [SGD.step, Stack.forward, learning_rate, TrainingLoop.train_epoch])
def test_every_line_is_in_the_file_at_its_number(function: Callable[..., Any]) -> None:
    result = excerpt(function)
    file = Path(result.file)
    assert file.is_relative_to(PACKAGE)
    assert file.name == result.name
    source = file.read_text(encoding="utf-8").splitlines()
    assert result.lines
    for number, text in result.lines:
        assert text.strip() in source[number - 1]
