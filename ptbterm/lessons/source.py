"""The statements that a lesson shows, read from the source of the function that runs them.

A comment `# tour shows: NAME` in the source marks the statements below it, up to the next blank line or the end of
their block. The marks stand beside the code, so renaming a variable there changes nothing here.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, cast

from ptbterm.lessons.lesson import Excerpt

_MARK = "# tour shows: "
_COMMENTS_FOR_TOOLS = ("  # type: ignore", "  # noqa")


def excerpt(function: Callable[..., Any], *marks: str) -> Excerpt:
    """Return the marked statements of a function, or its whole body without the docstring if no mark is given.

    A mark that the source lacks, or source that is not installed, gives a note instead of lines.
    """
    file = inspect.getsourcefile(inspect.unwrap(function)) or ""
    try:
        source, first = inspect.getsourcelines(function)
    except OSError:
        return Excerpt(file, (), f"The source of {function.__qualname__} is not available.")
    if missing := [mark for mark in marks if f"{_MARK}{mark}" not in map(str.strip, source)]:
        return Excerpt(file, (), f"{function.__qualname__} has no lines marked {', '.join(missing)}.")
    ranges = [_marked(source, mark) for mark in marks] or [_body(source)]
    lines = [line for numbers in sorted(ranges, key=min) for line in _dedented(source, numbers)]
    return Excerpt(file, tuple((first + index, text) for index, text in lines))


def _marked(source: list[str], mark: str) -> range:
    """Return the indices of the lines below a mark, up to a blank line or the end of the block."""
    start = next(index for index, line in enumerate(source) if line.strip() == f"{_MARK}{mark}") + 1
    indent = _indent(source[start - 1])
    end = start
    while end < len(source) and source[end].strip() and _indent(source[end]) >= indent:
        end += 1
    return range(start, end)


def _body(source: list[str]) -> range:
    """Return the indices of the lines of a function's body, without its docstring."""
    definition = cast("ast.FunctionDef", ast.parse(textwrap.dedent("".join(source))).body[0])
    statements = definition.body[1:] if ast.get_docstring(definition) else definition.body
    return range(statements[0].lineno - 1, len(source))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _dedented(source: list[str], numbers: range) -> Iterator[tuple[int, str]]:
    """Yield index and text of each line, moved left by the common indent, without blank lines and marks."""
    text = textwrap.dedent("".join(source[number] for number in numbers))
    for number, line in zip(numbers, text.splitlines(), strict=True):
        if line.strip() and not line.strip().startswith(_MARK):
            yield number, _without_comments_for_tools(line)


def _without_comments_for_tools(line: str) -> str:
    for comment in _COMMENTS_FOR_TOOLS:
        line = line.partition(comment)[0]
    return line
