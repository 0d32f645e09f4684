"""The lines that a lesson shows are those of the source, by file and number."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ptbterm
from ptbterm.lessons.source import excerpt
from ptbterm.model.stacked_lstm import StackedLSTM
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.optimizers import SGD
from ptbterm.training.schedules import learning_rate
from ptbterm.training.trainer import Trainer

PACKAGE = Path(ptbterm.__file__).parent


def example(numbers: list[int]) -> int:
    """Say nothing of this."""
    total = 0
    for number in numbers:
        if number > 1:
            total += number  # type: ignore[unused-ignore]
        first, second = number, total
    total -= first + second
    return total


def shown(function: Callable[..., Any], *wanted: str) -> list[str]:
    return [text for _, text in excerpt(function, *wanted).lines]


def test_a_body_is_shown_without_its_docstring() -> None:
    lines = shown(example)
    assert lines[0] == "total = 0"
    assert lines[1] == "for number in numbers:"
    assert lines[-1] == "return total"


def test_a_statement_is_found_by_what_it_sets_or_calls_and_by_its_kind() -> None:
    assert shown(example, "second") == ["first, second = number, total"]
    assert shown(example, "total") == ["total = 0"]
    assert shown(example, "if")[0] == "if number > 1:"
    assert shown(example, "return", "total") == ["total = 0", "return total"]
    assert shown(Trainer.step, "backward") == ["cost.backward()"]


def test_the_remarks_of_tools_are_left_out() -> None:
    assert shown(example, "if")[1] == "    total += number"


def test_what_a_function_does_not_have() -> None:
    with pytest.raises(LookupError, match="example has no statement while"):
        excerpt(example, "while")


@pytest.mark.parametrize("function", [SGD.step, StackedLSTM.forward, learning_rate, TrainingLoop.train_epoch])
def test_every_line_is_in_the_file_at_its_number(function: Callable[..., Any]) -> None:
    found = excerpt(function)
    file = Path(found.file)
    assert file.is_relative_to(PACKAGE)
    assert file.name == found.name
    source = file.read_text(encoding="utf-8").splitlines()
    assert found.lines
    for number, text in found.lines:
        assert text.strip() in source[number - 1]
