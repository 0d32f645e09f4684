"""The tour in a test, with steps made up here."""

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from textual.pilot import Pilot

from ptbterm.lessons.lesson import (
    Bar,
    Bars,
    Check,
    Curve,
    Excerpt,
    Frame,
    HeatMap,
    Page,
    Table,
    Text,
    Verdict,
)
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.tour.lesson_worker import Lessons
from ptbterm.terminal.screens.tour.screen import TourScreen
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from tests.terminal.piloted_screen import PilotedScreen

NARROW, WIDE = (80, 24), (120, 36)
PROSE = "A cell keeps a memory c and shows a part of it as h. " * 4
CODE = Excerpt(
    "/src/model/cells/lstm_kernel.py", tuple((number, f"c{number} = f * c + i * j") for number in range(84, 90))
)
CHECKS = (
    Check(Verdict.HOLDS, "equals nn.LSTM to 6e-08"),
    Check(Verdict.FAILS, "this does not hold"),
    Check(Verdict.DIFFERS, "word types: 19 (letters), 10,000 in the notebook"),
)


def heat_map(step: int) -> HeatMap:
    values = np.linspace(0.46, 0.54, 200) + 0 * np.ones((2, 1))
    return HeatMap("gates", ("input  i", "forget f"), values + step / 1000, 0.46, 0.54)


class Steps:
    """Five steps: plain ones, one with three time steps, one that computes until it is let, one with an answer."""

    titles: Sequence[str] = ("The corpus", "A cell", "A training", "An answer", "The end")
    about: Sequence[str] = ("letters", "untrained model", "seed 1")

    def __init__(self, *, may_end: bool = True) -> None:
        self.may_end = threading.Event()
        if may_end:
            self.may_end.set()
        self.computed: list[int] = []

    def pages(self, step: int) -> Iterator[Page]:
        self.computed.append(step)
        if step == 2:
            for done in (0.25, 0.5):
                yield Page(PROSE, (CODE,), (Frame(f"{done:.0%} done", (CURVE,)),), progress=done)
                if done == 0.5:
                    self.may_end.wait(20)
        yield [
            Page(PROSE, (CODE,), (Frame("Words [red]", (Text("words", "the \x1b[31mcat"),)),), CHECKS),
            Page(PROSE, (CODE,), cell_frames(), CHECKS, walk="time step"),
            Page(PROSE, (CODE,), (Frame("done", (CURVE,)),), CHECKS),
            ASKING,
            Page(PROSE, (CODE,), (Frame("Bars", (BARS,)),), CHECKS),
        ][step]


def cell_frames() -> tuple[Frame, ...]:
    return tuple(Frame(f"Time step {step} of 3: “word{step}”", (heat_map(step),)) for step in (1, 2, 3))


CURVE = Curve(
    "running perplexity", ((1.0, 600.0), (20.0, 90.0), (40.0, 20.0)), 40.0, ((632.0, "uniform guess 632"),)
)
ANSWER = Table(("", "autograd"), (("z", "8.125"),), is_answer=True)
HINT = Text("hint", "2 x + 3 y")
BARS = Bars("after", (Bar("1 issue", 1.0, "19.2 %"), Bar("2 industry", 0.5, "9.8 %")))
ASKING = Page(
    PROSE,
    (CODE,),
    (Frame("x = 1", (ANSWER, HINT)), Frame("x = 2", (ANSWER,))),
    (Check(Verdict.HOLDS, "z is 8"),),
    walk="x",
    question="What is z?",
    answer="It is 2 + 6.125.",
)


class Walking(PilotedScreen):
    """A tour on a screen."""

    def __init__(self, tour: TourScreen, pilot: "Pilot[None]") -> None:
        super().__init__(pilot)
        self.tour = tour

    async def until(self, pattern: str) -> str:
        await super().until(pattern)
        return await self.settle()


@asynccontextmanager
async def walking(
    folder: Path,
    steps: Lessons | None = None,
    size: tuple[int, int] = NARROW,
    *,
    symbols: Symbols = UNICODE,
    first_step: int | None = None,
    is_quiz: bool = False,
) -> AsyncIterator[Walking]:
    walk = steps or Steps()
    tour = TourScreen(lambda: walk, folder / "tour.json", symbols, first_step=first_step, is_quiz=is_quiz)
    async with PtbtermApp(tour).run_test(size=size, notifications=True) as pilot:
        screen = Walking(tour, pilot)
        await screen.until("1 of 5|2 of 5|3 of 5|4 of 5|5 of 5")
        await screen.until("The lines that ran: lstm_kernel.py")
        yield screen
