"""`ptbterm presets`: what can be chosen, as files to copy."""

import json
from pathlib import Path

import pytest

from ptbterm.settings.resolve import flatten, preset_names, read_preset, resolve, settings_from
from ptbterm.settings.schema import Settings
from tests.commands import Command


def test_lists_every_preset(ptbterm: Command) -> None:
    result = ptbterm("presets")
    names = result.stdout.partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in names] == preset_names()
    assert {"demo", "large", "medium", "notebook", "small"} <= set(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_prints_a_file_that_is_the_same_preset(ptbterm: Command, tmp_path: Path, name: str) -> None:
    copy = tmp_path / f"{name}.toml"
    copy.write_text(ptbterm("presets", name).stdout)
    assert resolve(read_preset(str(copy))).settings == resolve(read_preset(name)).settings


def test_says_where_a_value_comes_from_and_what_the_notebook_calls_it(ptbterm: Command) -> None:
    lines = ptbterm("presets", "notebook").stdout.splitlines()
    comment = lines[lines.index("decay = 0.5") - 1]
    assert comment.endswith("(the notebook's decay); preset notebook, default 0.5")
    assert lines[lines.index("batch_size = 30") - 1].endswith("; preset notebook, default 20")
    assert lines[lines.index("minimum_count = 0") - 1].endswith("; default")


def test_a_table_of_what_differs(ptbterm: Command) -> None:
    table = ptbterm("presets").stdout.split("\n\n")[1].splitlines()
    assert table[0].split() == ["default", *preset_names()]
    rows = {
        cells[0]: dict(zip(table[0].split(), cells[1:], strict=True))
        for cells in map(str.split, table[1:])
        if len(cells) > 1
    }
    changed = {
        key.partition(".")[2]
        for name in preset_names()
        for key, value in read_preset(name).values.items()
        if value != flatten(Settings())[key]
    }
    assert rows.keys() == changed
    assert rows["hidden_size"] == {
        "default": "200",
        "demo": "128",
        "fast": "256",
        "large": "1500",
        "medium": "650",
        "minute": "256",
        "notebook": "-",
        "small": "-",
    }
    assert rows["shared_cell"]["notebook"] == "true"


def test_for_programs(ptbterm: Command) -> None:
    documents = json.loads(ptbterm("presets", "--json").stdout)
    assert [document["preset"] for document in documents] == preset_names()
    assert json.loads(ptbterm("presets", "notebook", "--json").stdout) in documents
    for document in documents:
        settings = resolve(read_preset(document["preset"]))
        values = {setting["key"]: setting["value"] for setting in document["settings"]}
        assert settings_from(values) == settings.settings
        assert {setting["key"]: setting["source"] for setting in document["settings"]} == settings.sources
        assert all(setting["description"] for setting in document["settings"])


def test_unknown_name(ptbterm: Command) -> None:
    result = ptbterm("presets", "notebok")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == "Error: No preset or settings file named 'notebok'."
    assert "Did you mean notebook?" in result.stderr
