"""Checks of keys and values, and the messages for wrong ones."""

import difflib
import math
from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

import msgspec

from ptbterm.errors import NextStep, UsageError
from ptbterm.settings.schema import MAX_INTEGER, SettingField, setting_fields

MAX_SHOWN_CHARACTERS = 200
"""Longer values are truncated in messages."""


def validated(key: str, value: object, source: str) -> object:
    """Return a value as its setting's type; raises `UsageError` naming `source`, the key and the valid values."""
    field = next((field for field in setting_fields() if field.key == key), None)
    if field is None:
        raise unknown_setting(key, source)
    invalid = UsageError(
        f"{source}: {key} must be {_requirement(field, value)}, not {_shown(value)}.",
        f"{key}: {field.description}.",
    )
    if isinstance(value, float) and not math.isfinite(value):
        raise invalid
    try:
        return msgspec.convert(value, field.type)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # text that is not valid UTF-8
        raise invalid from error


def _shown(value: object) -> str:
    """Return a value for a message, truncated if it is long."""
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


def unknown_setting(key: str, source: str) -> UsageError:
    """Return the error for a key that does not exist, with the closest one that does."""
    near = nearest_key(key)
    hint = f"Did you mean {near}?" if near else ""
    if formula := next((field.notebook_name for field in setting_fields() if field.key == near), ""):
        name, _, rest = formula.partition(" ")
        if rest and key.rpartition(".")[2] == name:
            hint = f"{hint} It is the notebook's {formula}."
    return UsageError(f"{source}: unknown setting {_shown(key)}.", hint, next_step=NextStep.LIST_SETTINGS)


def nearest_key(key: str) -> str | None:
    """Return the existing key closest to `key`: by last part, name in the notebook or spelling."""
    if len(key) > MAX_SHOWN_CHARACTERS:
        return None
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
