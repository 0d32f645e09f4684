"""Resolves defaults, a preset and `--set` to one `Settings`, keeping the source of every value."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import msgspec

from ptbterm.errors import PtbtermError, UsageError
from ptbterm.files import MAX_TOML_BYTES, is_file, parse_toml, read_text
from ptbterm.settings.schema import Settings, setting_fields
from ptbterm.settings.validation import unknown_setting, validated

METADATA_KEYS = frozenset({"version", "preset", "description", "run"})
"""Top-level keys of a preset or of a run's settings.toml that are not settings."""


@dataclass(frozen=True)
class Resolved:
    """Settings, and the source of each value by dotted key: `default`, `preset small`, `--set`."""

    preset: str
    settings: Settings
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Preset:
    """A file of differences from the defaults; `source` names it in messages."""

    name: str
    description: str
    values: Mapping[str, object]
    source: str


def preset_names() -> list[str]:
    """Return the names of the built-in presets, sorted."""
    folder = resources.files("ptbterm.settings") / "presets"
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def read_preset(name: str) -> Preset:
    """Read a built-in preset by name, or a TOML file by path (a run's settings.toml is one too).

    Raises `UsageError` if it does not exist, is not valid TOML or sets anything but settings.
    """
    names = preset_names()
    if name in names:
        text = (resources.files("ptbterm.settings") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
        return _parse_preset(text, name, f"preset {name}")
    path = Path(name)
    if not is_file(path):
        near = difflib.get_close_matches(name, names, n=1)
        suggestion = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"No preset or settings file named {name!r}.", f"{suggestion}The presets are: {', '.join(names)}."
        )
    return _parse_preset(read_text(path, MAX_TOML_BYTES), path.stem, str(path))


def resolve(preset: Preset, overrides: Iterable[tuple[str, str]] = ()) -> Resolved:
    """Apply the preset, then `overrides` (`(source, "key=value")` pairs, the last one wins), to the defaults.

    Raises `UsageError` naming the key, the value, the allowed values and the nearest existing key.
    """
    values = {field.key: field.default for field in setting_fields()}
    sources = dict.fromkeys(values, "default")
    for key, value in preset.values.items():
        values[key], sources[key] = validated(key, value, preset.source), preset.source
    for source, assignment in overrides:
        key, value = parse_assignment(assignment)
        values[key], sources[key] = validated(key, value, source), source
    return Resolved(preset.name, settings_from(values), sources)


def change_on_resume(settings: Settings, assignments: Iterable[str]) -> tuple[Settings, dict[str, object]]:
    """Return settings with `key=value` changes, and the values that differ, for a run that is resumed.

    Raises `UsageError` for a setting that is not resumable.
    """
    values, changed = flatten(settings), {}
    fields = {field.key: field for field in setting_fields()}
    for assignment in assignments:
        key, value = parse_assignment(assignment)
        changed[key] = validated(key, value, "--set")
        if not fields[key].resumable:
            allowed = ", ".join(sorted(key for key, field in fields.items() if field.resumable))
            raise UsageError(f"--set: {key} can't be changed on resume.", f"These can: {allowed}.")
    return settings_from(values | changed), {key: value for key, value in changed.items() if values[key] != value}


def settings_from(values: Mapping[str, object]) -> Settings:
    """Build `Settings` from validated values by dotted key."""
    groups: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        group, _, name = key.partition(".")
        groups.setdefault(group, {})[name] = value
    return msgspec.convert(groups, Settings)


def parse_assignment(assignment: str) -> tuple[str, object]:
    """Split `key=value` and parse the value as TOML; anything else is a plain string."""
    key, equals, text = (part.strip() for part in assignment.partition("="))
    if not equals or not key:
        raise UsageError(
            f"--set {assignment!r} is not in the form key=value.", "For example: --set training.epochs=3"
        )
    try:
        document = parse_toml(f"value = {text}", "--set")
    except PtbtermError:
        return key, text
    return key, document["value"] if len(document) == 1 else text


def flatten(settings: Settings) -> dict[str, object]:
    """Return every value of `settings` by dotted key."""
    return {field.key: _lookup(settings, field.key) for field in setting_fields()}


def _lookup(settings: Settings, key: str) -> object:
    group, _, name = key.partition(".")
    return getattr(getattr(settings, group), name)


def _parse_preset(text: str, name: str, source: str) -> Preset:
    document = parse_toml(text, source)
    values: dict[str, object] = {}
    for group, table in document.items():
        if group in METADATA_KEYS:
            continue
        if not isinstance(table, dict):
            raise unknown_setting(group, source)
        values |= {f"{group}.{key}": value for key, value in table.items()}
    preset = Preset(_text(document, "preset", name), _text(document, "description", ""), values, source)
    for key, value in values.items():
        validated(key, value, source)
    return preset


def _text(document: Mapping[str, object], key: str, default: str) -> str:
    text = document.get(key)
    return text if isinstance(text, str) else default
