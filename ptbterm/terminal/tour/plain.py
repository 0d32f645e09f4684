"""A step of the tour as text, as a pipe and a screen reader need it."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ptbterm.lessons.lesson import Check, Page, Verdict, View
from ptbterm.terminal.lines import Line, Role, Span, line, plain_text
from ptbterm.terminal.safe_text import visible
from ptbterm.terminal.symbols import Symbols
from ptbterm.terminal.tour.code import code_lines, code_title
from ptbterm.terminal.tour.look import Look
from ptbterm.terminal.tour.values import units_note, view_lines

CELLS = 79
INDENT = 2
ROWS = 14
ALL_VIEWS = 8
"""Of more views the first, the middle and the last one are printed."""


def step_lines(heading: str, page: Page, look: Look, question: str = "") -> Iterator[str]:
    """Yield the lines of a step: words, the lines that ran, values, checks; in a quiz the question."""
    yield from (heading, look.symbols.rule * len(heading))
    yield from map(plain_text, prose_lines(page.words, look.symbols, look.cells))
    inner = replace(look, cells=look.cells - INDENT, rows=ROWS)
    yield from ("", code_title(page.code))
    yield from _indented(code_lines(page.code, inner))
    for view in _printed(page):
        if drawn := view_lines(view, inner):
            yield from ("", in_signs(view.title, look.symbols))
            yield from _indented(drawn)
            if note := units_note(view, inner):
                yield f"{' ' * INDENT}({note})"
    yield ""
    if look.hides_answers and question:
        yield f"Question: {question} (The answer is at the end.)"
    else:
        yield from map(plain_text, check_lines(page.checks, look.symbols, look.cells))


def answer_lines(heading: str, page: Page, look: Look) -> Iterator[str]:
    """Yield what a quiz has hidden in a step."""
    inner = replace(look, cells=look.cells - INDENT, rows=ROWS, hides_answers=False)
    yield heading
    for view in _printed(page):
        answers = View(view.title, tuple(block for block in view.blocks if block.is_answer))
        if answers.blocks:
            yield in_signs(view.title, look.symbols)
            yield from _indented(view_lines(answers, inner))
    yield from map(plain_text, check_lines(page.checks, look.symbols, look.cells))


def check_lines(checks: Iterable[Check], symbols: Symbols, cells: int) -> list[Line]:
    """Return the sign of what each check found, and its claim."""
    signs = {
        Verdict.HOLDS: Span(symbols.finished, Role.TRAIN),
        Verdict.FAILS: Span(symbols.failed, Role.FAILED),
        Verdict.DIFFERS: Span(symbols.differs, Role.VALID),
    }
    lines: list[Line] = []
    for check in checks:
        first, *rest = textwrap.wrap(in_signs(check.claim, symbols), cells - 3)
        lines += [line(signs[check.verdict], f" {first}"), *(line(f"  {more}") for more in rest)]
    return lines


def prose_lines(text: str, symbols: Symbols, cells: int) -> list[Line]:
    """Return prose broken into lines."""
    return [line(part) for part in textwrap.wrap(in_signs(text, symbols), max(cells, 10))]


def in_signs(text: str, symbols: Symbols) -> str:
    """Return prose, made harmless, with the quotation marks of this terminal."""
    return symbols.text(visible(text).replace("“", symbols.quotes[0]).replace("”", symbols.quotes[1]))


def _printed(page: Page) -> tuple[View, ...]:
    views = page.views
    return views if len(views) <= ALL_VIEWS else (views[0], views[(len(views) - 1) // 2], views[-1])


def _indented(lines: list[Line]) -> Iterator[str]:
    return ((" " * INDENT + plain_text(each)).rstrip() for each in lines)
