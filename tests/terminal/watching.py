"""The dashboard in a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.screens.dashboard.watcher import Pace
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from tests.terminal.piloted_screen import PilotedScreen
from tests.terminal.watched_runs import time_of

NARROW, WIDE, HUGE = (80, 24), (140, 42), (250, 70)
PACE = Pace(events=0.05, curve=0.2, clock=0.2)


@asynccontextmanager
async def watching(
    run: Run, size: tuple[int, int] = NARROW, *, symbols: Symbols = UNICODE, exit_when_done: bool = False
) -> AsyncIterator[PilotedScreen]:
    watched = WatchedRun(run, now=lambda: time_of(130))
    app = PtbtermApp(DashboardScreen(watched, PACE, symbols, exit_when_done=exit_when_done))
    async with app.run_test(size=size, notifications=True) as pilot:
        seen = PilotedScreen(pilot)
        await seen.until("Leave")
        yield seen
