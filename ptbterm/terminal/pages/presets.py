"""Presets side by side: their purpose and the settings in which they differ."""

from collections.abc import Sequence

from ptbterm.settings.resolve import Preset, flatten, resolve
from ptbterm.settings.schema import setting_fields
from ptbterm.terminal.text.columns import columns
from ptbterm.terminal.text.safe_text import visible

SAME = "-"


def preset_list(presets: Sequence[Preset]) -> list[str]:
    """Return a line for each preset: its name and its description."""
    return columns([(preset.name, visible(preset.description)) for preset in presets], right=2)


def preset_differences(presets: Sequence[Preset]) -> list[str]:
    """Return a table with a row for each setting that any preset changes, and a column for each preset."""
    values = [flatten(resolve(preset).settings) for preset in presets]
    rows = [("", "default", *(preset.name for preset in presets))]
    group = ""
    for field in setting_fields():
        of_presets = [settings[field.key] for settings in values]
        if all(value == field.default for value in of_presets):
            continue
        table, _, key = field.key.partition(".")
        if table != group:
            group = table
            rows.append((f"{group}.", *[""] * (len(presets) + 1)))
        cells = (SAME if value == field.default else _text(value) for value in of_presets)
        rows.append((f"  {key}", _text(field.default), *cells))
    return [
        *columns(rows, right=1),
        "",
        f"{SAME} is the default; settings that are not listed have it in every preset.",
    ]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)
