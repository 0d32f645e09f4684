"""A step of the tour as plain text, for pipes and screen readers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ptbterm.lessons.lesson import Check, Frame, Page, Verdict
from ptbterm.terminal.screens.tour.code import code_lines, code_title
from ptbterm.terminal.screens.tour.render_options import RenderOptions
from ptbterm.terminal.screens.tour.values import frame_lines, units_note
from ptbterm.terminal.text.lines import Line, Role, Span, line, plain_text, wrapped
from ptbterm.terminal.text.symbols import Symbols

CELLS = 79
INDENT = 2
ROWS = 14
MAX_FRAMES = 8
"""Of more frames the first, the middle and the last one are printed, unless the whole step is asked for."""


def step_lines(heading: str, page: Page, options: RenderOptions, *, whole: bool) -> Iterator[str]:
    """Yield the lines of a step: words, code, values, and the checks or the question of a quiz."""
    yield from (heading, options.symbols.rule * len(heading))
    words = page.all_words(hides_answers=options.hides_answers)
    yield from map(plain_text, prose_lines(words, options.symbols, options.cells))
    yield from ("", code_title(page))
    yield from _indented(code_lines(page.code, _inner(options)))
    frames = page.frames if whole else _some(page.frames)
    for frame in frames:
        if drawn := frame_lines(frame, _inner(options)):
            yield ""
            yield from _titled(frame, drawn, options)
    if len(frames) < len(page.frames):
        yield from ("", f"({len(frames)} of {len(page.frames)} {page.walk}s: --step NUMBER prints a whole step)")
    yield ""
    if options.hides_answers:
        yield from wrapped(options.symbols.prose(f"Question: {page.question}"), options.cells)
    else:
        yield from map(plain_text, check_lines(page.checks, options.symbols, options.cells))


def answer_lines(heading: str, page: Page, options: RenderOptions, *, whole: bool) -> Iterator[str]:
    """Yield the answers that a quiz hides in a step."""
    yield heading
    yield from map(plain_text, prose_lines(page.answer, options.symbols, options.cells) if page.answer else [])
    for frame in page.frames if whole else _some(page.frames):
        hidden = Frame(frame.title, tuple(block for block in frame.blocks if block.is_answer))
        if hidden.blocks:
            yield from _titled(hidden, frame_lines(hidden, _inner(options)), options)
    yield from map(plain_text, check_lines(page.checks, options.symbols, options.cells))


def check_lines(checks: Iterable[Check], symbols: Symbols, cells: int) -> list[Line]:
    """Return the verdict and the claim of each check."""
    signs = {
        Verdict.HOLDS: Span(symbols.finished, Role.TRAIN),
        Verdict.FAILS: Span(symbols.failed, Role.FAILED),
        Verdict.DIFFERS: Span(symbols.differs, Role.VALID),
    }
    lines: list[Line] = []
    for check in checks:
        first, *rest = wrapped(symbols.prose(check.claim), cells - 3)
        lines += [line(signs[check.verdict], f" {first}"), *(line(f"  {more}") for more in rest)]
    return lines


def prose_lines(text: str, symbols: Symbols, cells: int) -> list[Line]:
    """Return prose wrapped into lines."""
    return [line(part) for part in wrapped(symbols.prose(text), max(cells, 10))]


def _inner(options: RenderOptions) -> RenderOptions:
    return replace(options, cells=options.cells - INDENT, rows=ROWS)


def _some(frames: Sequence[Frame]) -> Sequence[Frame]:
    return frames if len(frames) <= MAX_FRAMES else (frames[0], frames[(len(frames) - 1) // 2], frames[-1])


def _titled(frame: Frame, drawn: list[Line], options: RenderOptions) -> Iterator[str]:
    yield from wrapped(options.symbols.prose(frame.title), options.cells)
    yield from _indented(drawn)
    if note := units_note(frame, _inner(options)):
        yield f"{' ' * INDENT}({note})"


def _indented(lines: list[Line]) -> Iterator[str]:
    return ((" " * INDENT + plain_text(line)).rstrip() for line in lines)
