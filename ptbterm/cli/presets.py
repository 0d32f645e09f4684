"""`ptbterm presets`: the settings of each preset."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm.cli.options import JsonOption, complete_presets
from ptbterm.terminal.text.safe_text import acts, to_json, visible

if TYPE_CHECKING:
    from ptbterm.settings.resolve import Preset


def command(
    name: Annotated[
        str | None,
        typer.Argument(help="A preset, or a TOML file of settings.", autocompletion=complete_presets),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the presets; with a name, print all its settings as a TOML file to copy and edit."""
    from ptbterm.settings.resolve import preset_names, read_preset
    from ptbterm.terminal.pages.presets import preset_differences, preset_list

    presets = list(map(read_preset, [name] if name else preset_names()))
    if as_json:
        documents = [_document(preset) for preset in presets]
        print(to_json(documents[0] if name else documents))
    elif name:
        _print_settings(presets[0])
    else:
        for line in [*preset_list(presets), "", *preset_differences(presets)]:
            print(line)


def _document(preset: "Preset") -> dict[str, object]:
    from ptbterm.settings.resolve import flatten, resolve
    from ptbterm.settings.schema import setting_fields

    resolved = resolve(preset)
    values = flatten(resolved.settings)
    settings = [
        {
            "key": field.key,
            "value": values[field.key],
            "default": field.default,
            "source": resolved.sources[field.key],
            "description": field.description,
            "notebook_name": field.notebook_name or None,
        }
        for field in setting_fields()
    ]
    return {"preset": preset.name, "description": preset.description, "settings": settings}


def _print_settings(preset: "Preset") -> None:
    from ptbterm.settings.resolve import flatten, resolve
    from ptbterm.settings.schema import setting_fields

    resolved = resolve(preset)
    values = flatten(resolved.settings)
    print(f"description = {_toml(preset.description)}")
    group = ""
    for field in setting_fields():
        table, _, key = field.key.partition(".")
        if table != group:
            group = table
            print(f"\n[{group}]")
        notebook = f" (the notebook's {field.notebook_name})" if field.notebook_name else ""
        source = resolved.sources[field.key]
        default = "" if source == "default" else f", default {_toml(field.default)}"
        print(visible(f"# {field.description}{notebook}; {source}{default}"))
        print(f"{key} = {_toml(values[field.key])}")


def _toml(value: object) -> str:
    """Return a value as TOML: JSON, with escapes for control characters."""
    text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return "".join(f"\\U{ord(character):08x}" if acts(character) else character for character in text)
