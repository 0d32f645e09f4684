"""`ptbterm presets`: what can be chosen, as files to copy."""

from pathlib import Path

import pytest
from conftest import Command

from ptbterm.settings.resolve import preset_names, read_preset, resolve


def test_lists_every_preset(ptbterm: Command) -> None:
    result = ptbterm("presets")
    assert [line.split()[0] for line in result.stdout.splitlines()] == preset_names()
    assert {"demo", "large", "medium", "notebook", "small"} <= set(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_prints_a_file_that_is_the_same_preset(ptbterm: Command, tmp_path: Path, name: str) -> None:
    copy = tmp_path / f"{name}.toml"
    copy.write_text(ptbterm("presets", name).stdout)
    assert resolve(read_preset(str(copy))).settings == resolve(read_preset(name)).settings


def test_says_where_a_value_comes_from_and_what_the_notebook_calls_it(ptbterm: Command) -> None:
    lines = ptbterm("presets", "notebook").stdout.splitlines()
    comment = lines[lines.index("decay = 0.5") - 1]
    assert comment.endswith("(the notebook's lr_decay); preset notebook")


def test_unknown_name(ptbterm: Command) -> None:
    result = ptbterm("presets", "notebok")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[0] == "Error: There is no preset or settings file named 'notebok'."
    assert "Did you mean notebook?" in result.stderr
