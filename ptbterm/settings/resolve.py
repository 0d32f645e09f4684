"""From defaults, a preset and `--set` to one `Settings`, keeping the source of every value."""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from ptbterm.errors import PtbtermError
from ptbterm.files import is_file, parse_toml, read_text
from ptbterm.settings.schema import CHANGEABLE_ON_RESUME, SettingField, Settings, setting_fields

NOT_SETTINGS = frozenset({"version", "preset", "description", "run"})
"""Top-level keys of a preset or of a run's settings.toml that say something about it and set nothing."""

_MAX_SHOWN = 200


@dataclass(frozen=True)
class Resolved:
    """Settings, and for each dotted key where its value came from: `default`, `preset small`, `--set`."""

    preset: str
    settings: Settings
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Preset:
    """A file of differences from the defaults, as read."""

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

    Raises `PtbtermError` if there is none, or if it is not TOML or sets what is no setting.
    """
    names = preset_names()
    if name in names:
        text = (resources.files("ptbterm.settings") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
        return _parse_preset(text, name, f"preset {name}")
    path = Path(name)
    if not is_file(path):
        near = difflib.get_close_matches(name, names, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise PtbtermError(
            f"There is no preset or settings file named {name!r}.",
            f"{meant}The presets are: {', '.join(names)}.",
        )
    return _parse_preset(read_text(path), path.stem, str(path))


def resolve(preset: Preset, overrides: Iterable[tuple[str, str]] = ()) -> Resolved:
    """Lay `overrides` (`(source, "key=value")` pairs, the last one wins) over the preset over the defaults.

    Raises `PtbtermError` naming the key, the value, what is allowed and the nearest right key.
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
    """Return settings with `key=value` changes, and what they change, for a run that goes on.

    Raises `PtbtermError` for a key that is built into the weights or into the position in the text.
    """
    values, changed = flatten(settings), {}
    for assignment in assignments:
        key, value = parse_assignment(assignment)
        changed[key] = _check(key, value, "--set")
        if key not in CHANGEABLE_ON_RESUME:
            allowed = ", ".join(sorted(CHANGEABLE_ON_RESUME))
            raise PtbtermError(f"--set: {key} can't change in a run that has begun.", f"These can: {allowed}.")
    return settings_from(values | changed), {key: value for key, value in changed.items() if values[key] != value}


def settings_from(values: Mapping[str, object]) -> Settings:
    """Build `Settings` from checked values by dotted key."""
    groups: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        group, _, name = key.partition(".")
        groups.setdefault(group, {})[name] = value
    return msgspec.convert(groups, Settings)


def parse_assignment(assignment: str) -> tuple[str, object]:
    """Split `key=value` and read the value as TOML; what is not one TOML value is a plain string."""
    key, equals, text = (part.strip() for part in assignment.partition("="))
    if not equals or not key:
        raise PtbtermError(
            f"--set {assignment!r} is not of the form key=value.", "For example: --set training.epochs=3"
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
        if group in NOT_SETTINGS:
            continue
        if not isinstance(table, dict):
            raise _unknown_key(group, source)
        values |= {f"{group}.{key}": value for key, value in table.items()}
    preset = Preset(_told(document, "preset", name), _told(document, "description", ""), values, source)
    for key, value in values.items():
        _check(key, value, source)
    return preset


def _told(document: Mapping[str, object], key: str, default: str) -> str:
    text = document.get(key)
    return text if isinstance(text, str) else default


def _check(key: str, value: object, source: str) -> object:
    field = next((field for field in setting_fields() if field.key == key), None)
    if field is None:
        raise _unknown_key(key, source)
    if isinstance(value, float) and not math.isfinite(value):
        raise PtbtermError(f"{source}: {key} = {value} is not a finite number.", f"{key}: {field.description}.")
    try:
        return msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        raise PtbtermError(
            f"{source}: {key} = {_shown(value)} can't be used: {_reason(error)}.", f"{key}: {field.description}."
        ) from error


def _shown(value: object) -> str:
    """Return a value as people see it, cut where it is long."""
    try:
        shown = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return "a number too long to show"
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}..."


def _reason(error: msgspec.ValidationError) -> str:
    reason = str(error)
    return reason[0].lower() + reason[1:].replace("`", "")


def _unknown_key(key: str, source: str) -> PtbtermError:
    near = nearest_key(key)
    hint = f"Did you mean {near}? " if near else ""
    return PtbtermError(
        f"{source}: there is no setting named {key!r}.", f"{hint}`ptbterm presets NAME` lists every setting."
    )


def nearest_key(key: str) -> str | None:
    """Return the dotted key that `key` most likely means: by last part, notebook name or spelling."""
    fields = list(setting_fields())
    last = key.rpartition(".")[2]

    def named(field: SettingField) -> bool:
        return last in (field.key.partition(".")[2], field.notebook_name)

    if exact := next((field.key for field in fields if named(field)), None):
        return exact
    names: dict[str, Any] = {field.key: field.key for field in fields}
    names |= {field.key.partition(".")[2]: field.key for field in fields}
    near = difflib.get_close_matches(key, names, n=1) or difflib.get_close_matches(last, names, n=1)
    return names[near[0]] if near else None
