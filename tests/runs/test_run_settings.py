"""The settings of a run: a preset that repeats it, and damage to them."""

from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.settings.resolve import read_preset, resolve
from ptbterm.terminal.text.hints import hint_for
from tests.examples.events import ODD_RECORD
from tests.runs.run_examples import make


def test_a_settings_file_is_a_preset_that_repeats_the_run(runs: Path) -> None:
    run = make(runs, "first")
    preset = read_preset(str(run.settings_file))
    assert preset.name == "small"
    assert resolve(preset).settings == ODD_RECORD.settings


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("hidden_size = 200", "hidden_size = 0", "hidden_size"),
        ("hidden_size = 200", 'hidden_size = "200"', "hidden_size"),
        ("num_layers", "numlayers", "numlayers"),
        ('preset = "small"\n', "", "preset"),
        ("version = 1", "version = 1\nmood = 1", "mood"),
    ],
)
def test_damaged_settings_name_file_and_reason(runs: Path, old: str, new: str, reason: str) -> None:
    run = make(runs, "first")
    text = run.settings_file.read_text(encoding="utf-8")
    assert old in text
    run.settings_file.write_bytes(text.replace(old, new).encode(errors="surrogateescape"))
    with pytest.raises(PtbtermError) as error:
        run.read_record()
    assert error.value.message.startswith(f"{run.settings_file} is not a valid settings file: ")
    assert reason in error.value.message


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[model]", "[model", "is not valid TOML: Expected ']' at the end of a table declaration"),
        ("[model]", "[model]\na = 1\na = 2", "is not valid TOML: Cannot overwrite a value"),
        ("seed = 1", f"seed = {'[' * 9999}", "is not valid: it has more than 500 keys, tables and lists"),
        ("seed = 1", f"seed = {'9' * 9999}", "is not valid TOML: Exceeds the limit"),
        ("caf\u00e9", "caf\udce9", "is not UTF-8 text: byte 60 is 0xe9"),
    ],
    ids=["bracket", "twice", "deep", "long", "latin"],
)
def test_settings_that_are_not_valid_toml(runs: Path, old: str, new: str, reason: str) -> None:
    run = make(runs, "first")
    text = run.settings_file.read_text(encoding="utf-8")
    assert old in text
    run.settings_file.write_bytes(text.replace(old, new).encode(errors="surrogateescape"))
    with pytest.raises(PtbtermError) as error:
        run.read_record()
    assert error.value.message.startswith(f"{run.settings_file} {reason}")


@pytest.mark.parametrize("version", ["2", "0", '"1"', "[]", f"0x{'f' * 9_999}"])
def test_settings_of_another_version_say_what_helps(runs: Path, version: str) -> None:
    run = make(runs, "first")
    text = run.settings_file.read_text(encoding="utf-8").replace("version = 1", f"version = {version}")
    run.settings_file.write_text(text, encoding="utf-8")
    with pytest.raises(PtbtermError) as error:
        run.read_record()
    assert error.value.message.startswith(
        f"{run.settings_file} was written by ptbterm 0.1.0 and is not in format 1"
    )
    assert f"ptbterm train --preset {run.settings_file}" in hint_for(error.value)
