"""What to do about an error: every next step is spelled as a command."""

from string import Formatter

import pytest

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
