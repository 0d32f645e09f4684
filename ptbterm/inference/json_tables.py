"""Rows of a table in JSON: an object per line, a list of objects, nested objects, or pandas' columns."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeGuard

from ptbterm.errors import NextStep, PtbtermError

MAX_JSON_BYTES = 2**28

Path = tuple[str, ...]
"""The keys that lead to a value, through the objects of lists."""
Record = dict[str, str]
"""The cells of a row by the names of their columns: keys, joined by periods."""


def json_records(
    lines: Iterator[tuple[int, str]], name: str, texts: Sequence[str]
) -> Iterator[tuple[int, Record]]:
    """Yield each row with its line, 0 where rows are not lines: the objects that have a column of `texts`.

    A row has the values of the objects around it. Raises `PtbtermError` if the objects are at several places, if a
    key stands twice, or if a text is a list.
    """
    path: Path = ()
    try:
        for line, value in _values(lines, name):
            where = f"{name}, line {line}" if line else name
            paths = _paths_to(value, texts)
            _check_one_place({path, *paths} - {()}, where)
            path = next(iter(paths), path)
            yield from ((line, record) for record in _Rows(where, texts).records(value, path, ""))
    except RecursionError as error:
        raise PtbtermError(f"{name} is not valid JSON: it is nested too deeply.") from error


def _check_one_place(paths: set[Path], where: str) -> None:
    if len(paths) > 1:
        names = sorted(".".join(path) for path in paths)
        raise PtbtermError(
            f"{where} has sentences in {len(names)} places: {', '.join(names)}.",
            "Name one of them, for example:",
            next_step=NextStep.TEXT_COLUMN,
            column=names[0],
        )


def _values(lines: Iterator[tuple[int, str]], name: str) -> Iterator[tuple[int, Any]]:
    """Yield the values of JSON lines; or those of a text in which a value has several lines, with line 0."""
    number, text = next(lines)
    try:
        first = _decoder(f"{name}, line {number}").decode(text.rstrip())
    except ValueError:
        yield from ((0, _as_rows(value)) for value in _whole_text(text, lines, name))
        return
    second = next(((line, row) for line, row in lines if row.strip()), None)
    if second is None:
        yield 0 if isinstance(first, list) else number, _as_rows(first)
        return
    yield number, first
    for line, row in chain([second], lines):
        if row.strip():
            yield line, _decoded(row, line, name)


def _decoded(row: str, line: int, name: str) -> Any:
    try:
        return _decoder(f"{name}, line {line}").decode(row.rstrip())
    except ValueError as error:
        raise _invalid(name, line, error) from error


def _whole_text(start: str, lines: Iterator[tuple[int, str]], name: str) -> Iterator[Any]:
    parts, size = [start], len(start)
    for _, line in lines:
        parts.append(line)
        size += len(line)
        if size > MAX_JSON_BYTES:
            raise PtbtermError(f"{name} is JSON of more than {MAX_JSON_BYTES:,} bytes.", "Use JSON lines.")
    text = "".join(parts).strip()
    decoder, end = _decoder(name), 0
    while end < len(text):
        try:
            value, end = decoder.raw_decode(text, end)
        except ValueError as error:
            raise _invalid(name, 1, error) from error
        yield value
        end += len(text) - end - len(text[end:].lstrip())


def _invalid(name: str, line: int, error: ValueError) -> PtbtermError:
    if isinstance(error, json.JSONDecodeError):
        return PtbtermError(f"{name} is not valid JSON: line {line + error.lineno - 1}: {error.msg}.")
    return PtbtermError(f"{name} is not valid JSON: {error}.")


def _decoder(where: str) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_without_duplicates(where))


def _without_duplicates(where: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise PtbtermError(f"{where} has an object with two keys {twice!r}.", "Give each column its own name.")
        return value

    return read


def _as_rows(value: Any) -> Any:
    """Return the rows of a table that pandas wrote by columns: {"text": {"0": "a", "1": "b"}}."""
    if not _is_numbered(value) and isinstance(value, dict) and value:
        columns = list(value.values())
        numbers = list(columns[0]) if isinstance(columns[0], dict) else []
        is_table = all(isinstance(column, dict) and list(column) == numbers for column in columns)
        if numbers and is_table and all(number.isdecimal() for number in numbers):
            return [{name: value[name][number] for name in value} for number in numbers]
    return value


def _is_numbered(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is objects by their numbers, which pandas writes for a list."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(key.isdecimal() and isinstance(item, dict) for key, item in value.items())
    )


def _paths_to(value: Any, texts: Sequence[str]) -> set[Path]:
    """Return the paths of the first column of `texts` that is found: by its whole name, else by its last part."""
    paths = set[Path]()
    _add_paths(value, (), paths)
    for text in texts:
        for name_of in (".".join, lambda path: path[-1]):
            if found := {path for path in paths if name_of(path) == text}:
                return found
    return set()


def _add_paths(value: Any, before: Path, paths: set[Path]) -> None:
    for item in _items(value):
        if isinstance(item, dict):
            for key, inner in item.items():
                if _has_objects(inner):
                    _add_paths(inner, (*before, key), paths)
                else:
                    paths.add((*before, key))


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [inner for item in value for inner in _items(item)]
    return list(value.values()) if _is_numbered(value) else [value]


def _has_objects(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_objects, value)))


class _Rows:
    """The rows of a JSON value; `where` is its place in messages."""

    def __init__(self, where: str, texts: Sequence[str]) -> None:
        self._where, self._texts = where, texts

    def records(self, value: Any, path: Path, prefix: str) -> Iterator[Record]:
        """Yield the objects to which the keys of a path lead, each with the values of the objects around it."""
        for item in _items(value):
            if not isinstance(item, dict):
                raise PtbtermError(
                    f"{self._where} has {_kind(item)} where a JSON object is expected"
                    + (f", in {prefix[:-1]!r}." if prefix else "."),
                    "Each row is an object, with the columns as its keys.",
                )
            inner = path[0] if len(path) > 1 else None
            own = {
                name: cell
                for key, cell_value in item.items()
                if key != inner
                for name, cell in self._cells(f"{prefix}{key}", cell_value)
            }
            if inner is None:
                yield own
            elif inner not in item:
                raise PtbtermError(f"{self._where} has an object without {prefix + inner!r}.", _ABSENT)
            else:
                yield from (own | record for record in self.records(item[inner], path[1:], f"{prefix}{inner}."))

    def _cells(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, item in value.items():
                yield from self._cells(f"{name}.{key}", item)
            return
        if isinstance(value, list) and any(name == text or name.endswith(f".{text}") for text in self._texts):
            raise PtbtermError(
                f"{self._where} has a list, not a text, in {name!r}.",
                "Write each sentence as one text; join words with spaces.",
            )
        yield name, "" if value is None else value if isinstance(value, str) else json.dumps(value)


_ABSENT = "Give each object the same keys; null is an empty cell."


def _kind(value: Any) -> str:
    return "a text" if isinstance(value, str) else f"the value {json.dumps(value)}"
