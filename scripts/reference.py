"""Writes the generated parts of docs/reference/ from the program: `python -m scripts.reference`.

A page is prose with blocks between `<!-- begin NAME -->` and `<!-- end NAME -->`; the blocks are written here.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import torch
import typer
from msgspec import Struct
from msgspec.inspect import FloatType, IntType, LiteralType, StrType, type_info
from typer.models import ArgumentInfo, ParameterInfo

from ptbterm.cli.app import COMMANDS
from ptbterm.model.language_model import LanguageModel
from ptbterm.runs.events import AnyEvent, Event
from ptbterm.settings.schema import ModelSettings, Settings, setting_fields

PAGES = Path(__file__).parents[1] / "docs" / "reference"
NO_LIMIT = 1e9
"""A larger bound only guards against overflow, and is omitted."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def code(text: object) -> str:
    """Return text as code; empty text stays empty."""
    return f"`{text}`" if f"{text}" else ""


def text(words: str) -> str:
    """Return a sentence as Markdown: `<unk>` is not a tag."""
    return re.sub(r"(?<!`)(<\w+>)(?!`)", r"`\1`", " ".join(words.split()))


def sentence(documented: Any) -> str:
    """Return a docstring as Markdown, its lines joined."""
    return text(inspect.getdoc(documented) or "")


# Settings and events: types in words.

WORDS = {"bool": "true or false", "int": "integer", "float": "number", "str": "text", "none": "null"}


def kind_of(info: msgspec.inspect.Type) -> str:
    """Say in words what values a type has."""
    match info:
        case LiteralType(values=values):
            return " or ".join(code(value) for value in sorted(values, key=str))
        case msgspec.inspect.VarTupleType(item_type=item):
            return f"list of {plural(item)}"
        case msgspec.inspect.UnionType(types=types):
            return " or ".join(map(kind_of, types))
        case msgspec.inspect.DictType() | msgspec.inspect.StructType():
            return "object"
        case _:
            return WORDS[type(info).__name__.removesuffix("Type").lower()]


def plural(item: msgspec.inspect.Type) -> str:
    """Say what a list holds; objects are spelled out by their fields."""
    if isinstance(item, msgspec.inspect.StructType):
        return "{" + ", ".join(f"`{field.name}`: {kind_of(field.type)}" for field in item.fields) + "}"
    return f"{kind_of(item)}s" if isinstance(item, IntType | FloatType) else kind_of(item)


def values_of(annotation: Any) -> str:
    """Say which values are allowed: their kind, and bounds or a pattern."""
    info = type_info(annotation) if not isinstance(annotation, msgspec.inspect.Type) else annotation
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    if isinstance(info, StrType):
        return f"text, {code(info.pattern)}" if info.pattern else "text"
    if not isinstance(info, IntType | FloatType):
        return kind_of(info)
    bounds = {"at least": info.ge, "above": info.gt, "at most": info.le}
    limits = [
        f"{words} {bound:,g}" for words, bound in bounds.items() if bound is not None and abs(bound) < NO_LIMIT
    ]
    return ", ".join((kind_of(info), *limits))


def settings() -> Iterator[str]:
    """Yield a table of settings for each group of the schema."""
    groups: dict[str, list[Sequence[str]]] = {}
    for field in setting_fields():
        meaning = text(field.description) + (
            f" (notebook: `{field.notebook_name}`)" if field.notebook_name else ""
        )
        resume = "yes" if field.resumable else ""
        row = (code(field.key), values_of(field.type), code(json.dumps(field.default)), resume, meaning)
        groups.setdefault(field.key.partition(".")[0], []).append(row)
    for group in msgspec.structs.fields(Settings):
        yield from ("", f"## {group.name}", "", sentence(group.type), "")
        yield from table(("key", "value", "default", "resume", "meaning"), groups[group.name])


def events() -> Iterator[str]:
    """Yield a section for each kind of event, in the order of the union."""
    yield from ("", "## Every event", "", sentence(Event), "")
    yield from fields_of(Event, {})
    for event in get_args(AnyEvent):
        yield from ("", f"## `{event.__struct_config__.tag}`", "", sentence(event), "")
        yield from fields_of(event, Event.__annotations__)


def fields_of(struct: type[Struct], known: dict[str, Any]) -> Iterator[str]:
    """Yield a table of a struct's fields, without those already known."""
    info = type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    rows = [(code(field.name), values_of(field.type)) for field in info.fields if field.name not in known]
    yield from table(("field", "value"), rows)


# Checkpoints: names and shapes, by sizes that differ for each dimension.

SIZES = {7: "hidden", 14: "2 * hidden", 28: "4 * hidden", 11: "vocabulary"}


def tensors() -> Iterator[str]:
    """Yield a table of the weights' names and shapes."""
    with torch.device("meta"):
        model = LanguageModel(ModelSettings(hidden_size=7, num_layers=2), 11)
    rows = [
        (code(f"model.{name}"), "(" + ", ".join(SIZES[size] for size in tensor.shape) + ")")
        for name, tensor in model.named_weights().items()
    ]
    yield from table(("tensor", "shape"), rows)


# Commands: from the functions behind them, as Typer reads them.


def commands() -> Iterator[str]:
    """Yield a section for each command, with its arguments and options."""
    for name, function in command_functions():
        yield from ("", f"## `ptbterm {name}`", "", sentence(function), "")
        parameters = inspect.signature(function, eval_str=True).parameters.values()
        rows = [row_of(parameter) for parameter in parameters if parameter.annotation is not typer.Context]
        if rows:
            yield from table(("argument or option", "default", "meaning"), rows)


def command_functions() -> Iterator[tuple[str, Callable[..., None]]]:
    """Yield the function of every command, and of those under a command."""
    for name, module_name in COMMANDS.items():
        module = import_module(f"ptbterm.cli.{module_name}")
        if not hasattr(module, "app"):
            yield name, module.command
            continue
        for under in module.app.registered_commands:
            yield f"{name} {under.name or under.callback.__name__}", under.callback


def row_of(parameter: inspect.Parameter) -> Sequence[str]:
    """Return a parameter's spelling, its default and its sentence."""
    declared = [part for part in get_args(parameter.annotation)[1:] if isinstance(part, ParameterInfo)]
    info = declared[0] if declared else typer.Option()
    default = (
        "" if any(parameter.default is empty for empty in (None, False, parameter.empty)) else parameter.default
    )
    if isinstance(info, ArgumentInfo):
        spelling = info.metavar or parameter.name.upper()
    else:
        names = [name for name in (info.default, *(info.param_decls or ())) if isinstance(name, str)]
        spelling = ", ".join(names) or f"--{parameter.name.replace('_', '-')}"
        spelling = f"{spelling} {info.metavar or value_of(parameter.annotation)}".strip()
        default = names[0].partition("/")[0] if default is True and names else default
    return code(spelling), code(getattr(default, "value", default)), text(info.help or "")


def value_of(annotation: Any) -> str:
    """Say what an option takes: its choices, else the name of its type; a flag takes nothing."""
    while get_origin(annotation) not in (None, Literal):  # annotated, optional, or a list
        annotation = next(argument for argument in get_args(annotation) if argument is not type(None))
    if get_origin(annotation) is Literal:
        return "|".join(get_args(annotation))
    if issubclass(annotation, Enum):
        return "|".join(choice.value for choice in annotation)
    return {bool: "", str: "TEXT", int: "N", float: "NUMBER", Path: "PATH"}[annotation]


BLOCKS: dict[str, Callable[[], Iterator[str]]] = {
    "settings": settings,
    "events": events,
    "tensors": tensors,
    "commands": commands,
}


def as_written_today(page: str) -> str:
    """Return a page with its blocks written from the program."""

    def block(match: re.Match[str]) -> str:
        lines = "\n".join(BLOCKS[match[1]]()).strip("\n")
        return f"<!-- begin {match[1]} -->\n{lines}\n<!-- end {match[1]} -->"

    return re.sub(r"<!-- begin (\w+) -->\n.*?<!-- end \1 -->", block, page, flags=re.S)


def main() -> None:
    """Write every page."""
    for page in sorted(PAGES.glob("*.md")):
        page.write_text(as_written_today(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
