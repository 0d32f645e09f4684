"""A new setting is one line in the schema: everything else derives from there."""

import subprocess
import sys

import pytest

TOY = """
import pathlib, sys, types

import ptbterm.settings

file = pathlib.Path(ptbterm.settings.__file__).with_name("schema.py")
line = '    toy: Annotated[int, _about("a toy", notebook="bauble", resumable=True, ge=0)] = 0\\n'
source = file.read_text().replace("\\n\\nclass Settings(", line + "\\n\\nclass Settings(")
schema = sys.modules["ptbterm.settings.schema"] = types.ModuleType("ptbterm.settings.schema")
exec(source, vars(schema))

from ptbterm.cli.app import main
from ptbterm.settings.resolve import change_on_resume, read_preset, resolve

settings = resolve(read_preset("small"), [("--set", "training.toy=3")]).settings
assert settings.training.toy == 3
assert change_on_resume(settings, ["training.toy=4"])[1] == {"training.toy": 4}
main(sys.argv[1:])
"""


def with_toy(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", TOY, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.process
def test_it_is_listed_with_its_sentence_and_checked_by_its_range() -> None:
    assert "# a toy (the notebook's bauble); default\ntoy = 0\n" in with_toy("presets", "small").stdout
    wrong = with_toy("train", "--set", "training.toy=-1")
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "Error: --set: training.toy must be an integer of at least 0, not -1.\ntraining.toy: a toy.\n"
    )


@pytest.mark.process
def test_its_name_in_the_notebook_leads_to_it() -> None:
    assert "Did you mean training.toy?" in with_toy("train", "--set", "bauble=1").stderr
