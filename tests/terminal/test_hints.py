"""What to do about an error: every next step is spelled as a command."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import ptbterm
from ptbterm.cli.app import COMMANDS as COMMAND_NAMES
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.terminal.text.hints import COMMANDS, hint_for


def test_an_error_without_a_next_step_has_its_own_hint_alone() -> None:
    assert hint_for(PtbtermError("Wrong.", "Do this.")) == "Do this."
    assert hint_for(PtbtermError("Wrong.")) == ""


def test_the_command_follows_the_hint() -> None:
    error = PtbtermError("Wrong.", "All is saved.", next_step=NextStep.RESUME, run="mine")
    assert hint_for(error) == "All is saved. Resume it: ptbterm resume mine"


@pytest.mark.parametrize("step", NextStep)
def test_every_next_step_is_spelled(step: NextStep) -> None:
    fields = {name: "a value {with braces}" for _, name, _, _ in Formatter().parse(COMMANDS[step]) if name}
    hint = hint_for(PtbtermError("Wrong.", next_step=step, **fields))
    assert all(value in hint for value in fields.values())
    assert "--" in hint or "ptbterm " in hint


STARTS_PROCESSES = {"runs/launch.py", "runs/machine.py"}
SPELLED = re.compile(rf"ptbterm ({'|'.join(COMMAND_NAMES)})\b|(?<!\S)--[a-z]{{2,}}")


def texts(file: Path) -> Iterator[str]:
    """Yield the strings of a file that are not docstrings."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_the_engine_spells_no_command_line() -> None:
    package = Path(ptbterm.__file__).parent
    files = [package / "checkpoints.py"]
    for room in ("corpus", "model", "inference", "training", "runs"):
        files += (package / room).rglob("*.py")
    spelled = [
        (str(file.relative_to(package)), text) for file in files for text in texts(file) if SPELLED.search(text)
    ]
    assert [place for place in spelled if place[0] not in STARTS_PROCESSES] == []
