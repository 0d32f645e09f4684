"""The lines of code that ran, with their numbers; long lines are wrapped with an indent."""

import textwrap
from collections.abc import Sequence

from ptbterm.lessons.lesson import Excerpt, Page
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.text.lines import Line, line, muted


def code_title(page: Page) -> str:
    """Return the title of the lines and the files that they are from."""
    return f"{page.ran}: {', '.join(dict.fromkeys(excerpt.name for excerpt in page.code))}"


def code_lines(code: Sequence[Excerpt], options: RenderOptions) -> list[Line]:
    """Return the lines of all excerpts; an ellipsis marks omitted lines."""
    lines: list[Line] = []
    for place, excerpt in enumerate(code):
        if place:
            is_same = excerpt.file == code[place - 1].file
            lines.append(line(muted(options.symbols.ellipsis if is_same else excerpt.name)))
        if excerpt.note:
            lines += _wrapped("", excerpt.note, options)
            continue
        numbers = [number for number, _ in excerpt.lines]
        digits = len(str(numbers[-1]))
        for before, (number, text) in zip([numbers[0] - 1, *numbers], excerpt.lines, strict=False):
            if number != before + 1:
                lines.append(line(muted(options.symbols.ellipsis)))
            lines += _wrapped(f"{number:>{digits}} ", text, options)
    return lines


def code_text(code: Sequence[Excerpt]) -> str:
    """Return the code alone, to copy."""
    return "\n".join(text for excerpt in code for _, text in excerpt.lines) + "\n"


def _wrapped(number: str, text: str, options: RenderOptions) -> list[Line]:
    room = max(options.cells - len(number), 20)
    shown = options.symbols.text(text)
    if len(shown) <= room:
        return [line(muted(number), shown)]
    indent = " " * (len(shown) - len(shown.lstrip()) + 4)
    first, *rest = textwrap.wrap(
        shown, room, subsequent_indent=indent, break_long_words=False, drop_whitespace=True
    ) or [""]
    return [line(muted(number), first), *(line(" " * len(number), more) for more in rest)]
