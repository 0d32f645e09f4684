"""The names that command line and engine share: each set of names exists once."""

import re
from pathlib import Path
from typing import get_args

import pytest

import ptbterm
from ptbterm.settings import choices

PACKAGE = Path(ptbterm.__file__).parent
CHOICES = [get_args(kind) for name, kind in vars(choices).items() if name[0].isupper() and get_args(kind)]


def test_there_are_choices_to_look_for() -> None:
    assert ("stream", "notebook") in CHOICES
    assert len(CHOICES) >= 10


@pytest.mark.parametrize("names", CHOICES, ids=", ".join)
def test_no_other_file_lists_the_same_names(names: tuple[str, ...]) -> None:
    listed = re.compile(r"\s*,\s*".join(re.escape(f'"{name}"') for name in names))
    members = re.compile(r"\s+".join(rf'\w+ = "{re.escape(name)}"' for name in names))
    twins = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if file.name != "choices.py"
        and any(pattern.search(file.read_text(encoding="utf-8")) for pattern in (listed, members))
    ]
    assert twins == []
