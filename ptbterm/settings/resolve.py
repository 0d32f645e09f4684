"""Resolves defaults, a preset and `--set` to one `Settings`, keeping the source of every value."""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from ptbterm.errors import NextStep, UsageError
from ptbterm.files import is_file, parse_toml, read_text
from ptbterm.settings.schema import MAX_INTEGER, SettingField, Settings, setting_fields

METADATA_KEYS = frozenset({"version", "preset", "description", "run"})
"""Top-level keys of a preset or of a run's settings.toml that are not settings."""

MAX_SHOWN_CHARACTERS = 200


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
    return _parse_preset(read_text(path), path.stem, str(path))


def resolve(preset: Preset, overrides: Iterable[tuple[str, str]] = ()) -> Resolved:
    """Apply the preset, then `overrides` (`(source, "key=value")` pairs, the last one wins), to the defaults.

    Raises `UsageError` naming the key, the value, the allowed values and the nearest existing key.
    """
    values = {field.key: field.default for field in setting_fields()}
    sources = dict.fromkeys(values, "default")
    for key, value in preset.values.items():
        values[key], sources[key] = _check(key, value, preset.source), preset.source
    for source, assignment in overrides:
        key, value = parse_assignment(assignment)
        values[key], sources[key] = _check(key, value, source), source
    return Resolved(preset.name, settings_from(values), sources)


def change_on_resume(settings: Settings, assignments: Iterable[str]) -> tuple[Settings, dict[str, object]]:
    """Return settings with `key=value` changes, and the values that differ, for a run that is resumed.

    Raises `UsageError` for a setting that is not resumable.
    """
    values, changed = flatten(settings), {}
    fields = {field.key: field for field in setting_fields()}
    for assignment in assignments:
        key, value = parse_assignment(assignment)
        changed[key] = _check(key, value, "--set")
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
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
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
            raise _unknown_key(group, source)
        values |= {f"{group}.{key}": value for key, value in table.items()}
    preset = Preset(_text(document, "preset", name), _text(document, "description", ""), values, source)
    for key, value in values.items():
        _check(key, value, source)
    return preset


def _text(document: Mapping[str, object], key: str, default: str) -> str:
    text = document.get(key)
    return text if isinstance(text, str) else default


def _check(key: str, value: object, source: str) -> object:
    field = next((field for field in setting_fields() if field.key == key), None)
    if field is None:
        raise _unknown_key(key, source)
    invalid = UsageError(
        f"{source}: {key} must be {_requirement(field, value)}, not {_shown(value)}.",
        f"{key}: {field.description}.",
    )
    if isinstance(value, float) and not math.isfinite(value):
        raise invalid
    try:
        return msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        raise invalid from error


def _shown(value: object) -> str:
    """Return a value for a message, truncated where it is long."""
    try:
        shown = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return "a number too long to show"
    return shown if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}..."


def _requirement(field: SettingField, value: object) -> str:
    """Describe the valid values of a setting: `sgd or adamw`, `an integer of at least 1`."""
    kind, meta = field.type.__origin__, field.type.__metadata__[0]
    if get_origin(kind) is Literal:
        return _alternatives(get_args(kind))
    if kind in (int, float):
        return ("an integer" if kind is int else "a number") + _range(meta, value)
    if kind is bool:
        return "true or false"
    if kind is str:
        return field.description if meta.pattern else "a string that is not empty"
    return "a list of strings"


def _alternatives(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"


def _range(meta: msgspec.Meta, value: object) -> str:
    """Return the limits of a number; those that only guard against overflow, if `value` is beyond them."""
    number = value if isinstance(value, int | float) else 0
    limits = []
    if meta.gt is not None:
        limits.append(f"greater than {meta.gt}")
    if meta.ge is not None and (meta.ge > -MAX_INTEGER or number < meta.ge):
        limits.append(f"of at least {meta.ge}")
    if meta.le is not None and (meta.le < MAX_INTEGER or number > meta.le):
        limits.append(f"at most {meta.le}")
    return f" {' and '.join(limits)}" if limits else ""


def _unknown_key(key: str, source: str) -> UsageError:
    near = nearest_key(key)
    hint = f"Did you mean {near}?" if near else ""
    if formula := next((field.notebook_name for field in setting_fields() if field.key == near), ""):
        name, _, rest = formula.partition(" ")
        if rest and key.rpartition(".")[2] == name:
            hint = f"{hint} It is the notebook's {formula}."
    return UsageError(f"{source}: unknown setting {key!r}.", hint, next_step=NextStep.LIST_SETTINGS)


def nearest_key(key: str) -> str | None:
    """Return the existing key closest to `key`: by last part, name in the notebook or spelling."""
    fields = list(setting_fields())
    last = key.rpartition(".")[2]

    def named(field: SettingField) -> bool:
        return last in (field.key.partition(".")[2], field.notebook_name.split(" ")[0])

    if exact := next((field.key for field in fields if named(field)), None):
        return exact
    names: dict[str, Any] = {field.key: field.key for field in fields}
    names |= {field.key.partition(".")[2]: field.key for field in fields}
    near = difflib.get_close_matches(key, names, n=1) or difflib.get_close_matches(last, names, n=1)
    return names[near[0]] if near else None
