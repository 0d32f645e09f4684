"""The structure of a lesson: words, source lines, values, checks. No torch, no terminal."""

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

    `note` says why the lines could not be read, if so.
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
    """A part of the values; in a quiz an answer is hidden until the user reveals it."""

    is_answer: bool = False


@dataclass(frozen=True)
class Text(Block):
    """Wrapped text with a name."""

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
    """Numbers as shades on a scale from `low` to `high`, of shape (rows, columns); one label per row.

    Numbers outside the scale are clipped. `figures` adds the mean and the range of each row; `columns` names what
    a column stands for, such as units or steps.
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
    """A bar chart, one bar per line."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Curve(Block):
    """A curve over a logarithmic axis, from x = 0 to `end`, and reference levels."""

    title: str
    points: tuple[tuple[float, float], ...]
    end: float
    levels: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class WordScatter(Block):
    """Words at points of a plane, in order of priority: words without room are left out."""

    title: str
    words: tuple[tuple[str, float, float], ...]


class Verdict(StrEnum):
    """The result of a check; `differs` is for values that may differ from the notebook's."""

    HOLDS = "holds"
    FAILS = "fails"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Check:
    """A claim and its verdict."""

    verdict: Verdict
    claim: str


@dataclass(frozen=True)
class Frame:
    """Values at one place, such as a time step or a row of the window."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """The contents of a step. The user walks through the frames; `walk` names what one frame is.

    A quiz asks the `question` and hides the checks, the answer blocks and `answer`, which follows the words, until
    the user reveals them. `ran` is the title of the code. `progress` is the share computed so far (0 to 1), None
    when complete.
    """

    words: str
    code: tuple[Excerpt, ...] = ()
    frames: tuple[Frame, ...] = ()
    checks: tuple[Check, ...] = ()
    walk: str = ""
    question: str = ""
    answer: str = ""
    ran: str = "The lines that ran"
    progress: float | None = None

    def all_words(self, *, hides_answers: bool) -> str:
        """Return the words, with or without the answer."""
        return self.words if hides_answers else f"{self.words} {self.answer}".rstrip()


Subject_contra = TypeVar("Subject_contra", contravariant=True)


@dataclass(frozen=True)
class Lesson(Generic[Subject_contra]):
    """One step of the tour. `show` yields its page, preceded by partial pages while it computes."""

    title: str
    show: Callable[[Subject_contra], Iterator[Page]]
