"""A run that is watched: what its events, lock, log and settings tell, and the wishes that reach its trainer."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ptbterm.errors import PtbtermError
from ptbterm.files import is_file, open_file
from ptbterm.runs import process
from ptbterm.runs.events import RunResumed, RunStarted
from ptbterm.runs.journal import Follower, NewEvents
from ptbterm.runs.process import Condition, Launch
from ptbterm.runs.run import Run, RunRecord
from ptbterm.runs.state import RunState
from ptbterm.terminal.screens.dashboard.view import Machine, RunView, moment
from ptbterm.terminal.text.symbols import UNICODE, Symbols

LOG_BYTES = 64_000


@dataclass
class WatchedRun:
    """One run; `launch` is the trainer that this program started for it and that has not told anything yet.

    `has_read_all` says that what is read from now on was told while the run is watched.
    """

    run: Run
    launch: Launch | None = None
    symbols: Symbols = UNICODE
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    state: RunState = field(default_factory=RunState)
    machine: Machine | None = None
    damaged_lines: int = 0
    asked_to_stop: datetime | None = None
    _record: RunRecord | None = None
    has_read_all: bool = field(init=False)

    def __post_init__(self) -> None:
        self.follower = Follower(self.run.events_file)
        self.has_read_all = not is_file(self.run.events_file)

    def take(self, new: NewEvents) -> None:
        """Take in what was read of the log."""
        if new.begun_anew:
            self.state, self.damaged_lines = RunState(), 0
        for event in new.events:
            self.state.apply(event)
            if isinstance(event, RunStarted | RunResumed):
                self._trainer_has_begun(event)
        self.damaged_lines += new.damaged_lines
        self.has_read_all = self.has_read_all or not new.more

    def _trainer_has_begun(self, event: RunStarted | RunResumed) -> None:
        self.asked_to_stop, self._record = None, None
        if self.launch and (self.has_read_all or moment(event.time) >= self.launch.at):
            self.launch = None  # what is told while we read is news, whatever its time: a clock may be set back

    def look(self, *, with_log: bool = False) -> RunView:
        """Return the run as it is now."""
        return RunView(
            name=self.run.name,
            state=self.state,
            condition=self.condition(),
            now=self.now(),
            record=self.record(),
            machine=self.machine,
            log=self._end_of_log() if with_log else [],
            damaged_lines=self.damaged_lines,
            asked_to_stop=self.asked_to_stop,
            symbols=self.symbols,
        )

    def condition(self) -> Condition:
        """Return what the run is doing."""
        return process.condition(self.run, self.state, self.launch)

    def record(self) -> RunRecord | None:
        """Return the run's settings; None while there are none that can be read."""
        if self._record is None:
            try:
                self._record = self.run.read_record()
            except (OSError, PtbtermError):
                return None
        return self._record

    def failed_launch(self) -> str | None:
        """Return, once, what a trainer said that could not start."""
        if self.launch is None or not self.launch.has_failed():
            return None
        complaint, self.launch = self.launch.complaint(), None
        return complaint + "\n".join(self._end_of_log()[-2:])

    def ask_to_stop(self) -> None:
        """Ask the trainer to stop; raises `PtbtermError` if none is at work here."""
        process.ask_to_stop(self.run)
        self.asked_to_stop = self.now()

    def kill(self) -> None:
        """End the trainer at once; raises like `ask_to_stop`."""
        process.kill(self.run)
        self.asked_to_stop = None

    def resume(self) -> None:
        """Start a trainer that goes on with the run."""
        self.launch, self.asked_to_stop = process.resume_detached(self.run), None

    def other(self, run: Run) -> "WatchedRun":
        """Return another run, watched in the same way."""
        return WatchedRun(run, symbols=self.symbols, now=self.now)

    def _end_of_log(self) -> list[str]:
        try:
            with open_file(self.run.log_file) as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
                return file.read().decode(errors="replace").splitlines()
        except (OSError, PtbtermError):
            return []
