"""The very lines that ran, read from the source of a function while the program runs."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, cast

from ptbterm.lessons.lesson import Excerpt

_KINDS = {ast.For: "for", ast.If: "if", ast.While: "while", ast.Return: "return"}
_FOR_TOOLS = ("  # type: ignore", "  # noqa")


def excerpt(function: Callable[..., Any], *wanted: str) -> Excerpt:
    """Return the body of a function, without its docstring, or those of its statements that are wanted.

    The first statement is taken that sets or calls a name, or that is an `if`, `for`, `while` or `return`; outer
    ones come before those inside others. Raises `LookupError` where the function has no such statement.
    """
    lines, first = inspect.getsourcelines(function)
    definition = cast("ast.FunctionDef", ast.parse(textwrap.dedent("".join(lines))).body[0])
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    chosen = [_first(name, body, function) for name in wanted] if wanted else body
    shown = [
        (first + number - 1, text)
        for statement in sorted(chosen, key=lambda statement: statement.lineno)
        for number, text in _lines_of(statement, lines)
        if text.strip()
    ]
    return Excerpt(inspect.getsourcefile(inspect.unwrap(function)) or "", tuple(shown))


def _first(name: str, body: list[ast.stmt], function: Callable[..., Any]) -> ast.stmt:
    level = body
    while level:
        if found := next((statement for statement in level if name in _names(statement)), None):
            return found
        level = [inner for outer in level for inner in ast.iter_child_nodes(outer) if isinstance(inner, ast.stmt)]
    raise LookupError(f"{function.__qualname__} has no statement {name}.")


def _names(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Assign(targets=targets):
            return {name for target in targets for name in _set_by(target)}
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return set(_set_by(target))
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name))):
            return {name}
    return {name for kind, name in _KINDS.items() if isinstance(statement, kind)}


def _set_by(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _set_by(part)


def _lines_of(statement: ast.stmt, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line, moved to the left by the indentation of the first."""
    numbers = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    text = textwrap.dedent("".join(lines[number - 1] for number in numbers))
    for number, written in zip(numbers, text.splitlines(), strict=True):
        for tool in _FOR_TOOLS:
            written = written.partition(tool)[0]  # noqa: PLW2901
        yield number, written
