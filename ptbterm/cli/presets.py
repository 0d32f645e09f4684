"""`ptbterm presets`: what each preset sets."""

import json
from typing import Annotated

import typer

from ptbterm.cli.options import complete_presets
from ptbterm.terminal.safe_text import acts, visible


def command(
    name: Annotated[
        str | None,
        typer.Argument(help="A preset, or a TOML file like one.", autocompletion=complete_presets),
    ] = None,
) -> None:
    """List the presets; with a name, every setting of one as a TOML file to copy and change."""
    from ptbterm.settings.resolve import preset_names, read_preset

    if name is None:
        names = preset_names()
        for preset in map(read_preset, names):
            print(f"{preset.name:<{max(map(len, names))}}  {preset.description}")
    else:
        _print_settings(name)


def _print_settings(name: str) -> None:
    from ptbterm.settings.resolve import flatten, read_preset, resolve
    from ptbterm.settings.schema import setting_fields

    preset = read_preset(name)
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
        print(visible(f"# {field.description}{notebook}; {resolved.sources[field.key]}"))
        print(f"{key} = {_toml(values[field.key])}")


def _toml(value: object) -> str:
    """Return a value as TOML: JSON, but for characters that act on a terminal, which are written as numbers."""
    text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return "".join(f"\\U{ord(character):08x}" if acts(character) else character for character in text)
