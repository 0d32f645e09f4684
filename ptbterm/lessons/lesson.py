"""What a lesson is, and what it shows: words, the lines that ran, values, checks. No torch, no terminal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Excerpt:
    """Lines of a source file of the program, as (number, text), with the common indent removed.

    `note` says why there are no lines where they could not be read.
    """

    file: str
    lines: tuple[tuple[int, str], ...]
    note: str = ""

    @property
    def name(self) -> str:
        """The file without its folder."""
        return PurePath(self.file).name


@dataclass(frozen=True, kw_only=True)
class Block:
    """A piece of the values; an answer is hidden in a quiz until it is asked for."""

    is_answer: bool = False


@dataclass(frozen=True)
class Text(Block):
    """Text that is broken into lines where the room ends; `name` says what it is."""

    name: str
    text: str


@dataclass(frozen=True)
class Table(Block):
    """A heading and rows; the cells from number `right` on are aligned to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: int = 1


@dataclass(frozen=True)
class HeatMap(Block):
    """Numbers as shades on a scale from `low` to `high`, of shape (rows, columns); a label a row.

    Numbers beyond it look like its ends. `figures` adds the mean and the range of each row; `columns` says what
    a column is: a unit, a step.
    """

    title: str
    labels: tuple[str, ...]
    values: Matrix
    low: float
    high: float
    columns: str = "units"
    figures: bool = True


@dataclass(frozen=True)
class Bar:
    """A label, a length from 0 to 1, and its figure."""

    label: str
    share: float
    figure: str


@dataclass(frozen=True)
class Bars(Block):
    """Bars below each other."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Curve(Block):
    """A curve over a logarithmic axis, from x = 0 to `end`, and levels to compare it with."""

    title: str
    points: tuple[tuple[float, float], ...]
    end: float
    levels: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class WordMap(Block):
    """Words at places in a plane, those that matter most first: a later one that has no room is left out."""

    title: str
    words: tuple[tuple[str, float, float], ...]


class Verdict(StrEnum):
    """What a check found; `differs` is for what need not be as in the notebook."""

    HOLDS = "holds"
    FAILS = "fails"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Check:
    """A claim, and whether it holds."""

    verdict: Verdict
    claim: str


@dataclass(frozen=True)
class View:
    """Values at one place: a time step, a row of the window."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """What a lesson shows. Where there are several views one walks through them, `walk` being what they are.

    A quiz asks the `question` and hides what answers it until it is asked for: the checks, the blocks that are
    answers, and `answer`, the last of the words. `ran` says what the lines of code are. `progress` is the share
    that is computed, None when all of it is.
    """

    words: str
    code: tuple[Excerpt, ...] = ()
    views: tuple[View, ...] = ()
    checks: tuple[Check, ...] = ()
    walk: str = ""
    question: str = ""
    answer: str = ""
    ran: str = "The lines that ran"
    progress: float | None = None

    def all_words(self, *, hides_answers: bool) -> str:
        """Return the words, with or without those that answer the question."""
        return self.words if hides_answers else f"{self.words} {self.answer}".rstrip()


Subject_contra = TypeVar("Subject_contra", contravariant=True)


@dataclass(frozen=True)
class Lesson(Generic[Subject_contra]):
    """One step of the tour. `show` yields its page; before it, pages of what is computed by then."""

    title: str
    show: Callable[[Subject_contra], Iterator[Page]]
