"""A run being watched: its files as one immutable snapshot, and requests to its trainer."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ptbterm.errors import PtbtermError
from ptbterm.files import is_file, open_file
from ptbterm.runs import launch, signals
from ptbterm.runs.condition import Condition, condition
from ptbterm.runs.events import RunResumed, RunStarted
from ptbterm.runs.journal import Follower, NewEvents
from ptbterm.runs.launch import Launch
from ptbterm.runs.machine import Machine, MachineProbe
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState, StateFold

LOG_BYTES = 64_000
"""How much of the end of the trainer's log is shown."""
SILENCE_SECONDS = 40.0
"""A live trainer that has written no event for this long, and for three times its usual pause, is silent."""
PLAUSIBLE_YEARS = range(1900, 2200)


@dataclass(frozen=True)
class RunSnapshot:
    """A run at one moment, immutable all the way down; `asked_to_stop` is when its trainer was asked to."""

    name: str
    state: RunState
    condition: Condition
    now: datetime
    record: RunRecord | None = None
    machine: Machine | None = None
    log: tuple[str, ...] = ()
    damaged_lines: int = 0
    asked_to_stop: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether a trainer is running or starting."""
        return self.condition in {Condition.RUNNING, Condition.STARTING}

    @property
    def silent_seconds(self) -> float:
        """Seconds since the trainer's last event; 0 before the first."""
        return (self.now - event_time(self.state.time)).total_seconds() if self.state.time else 0.0

    @property
    def is_silent(self) -> bool:
        """Whether a live trainer has written no event for longer than it should."""
        return self.is_live and self.silent_seconds > max(SILENCE_SECONDS, 3 * self.state.usual_pause)

    @property
    def saved_seconds(self) -> float | None:
        """Seconds since the last checkpoint; None before the first."""
        return (self.now - event_time(self.state.saved.time)).total_seconds() if self.state.saved else None


def event_time(text: str) -> datetime:
    """Return the time of an event; now if it can't be parsed or its year is not plausible."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC)
    if time.year not in PLAUSIBLE_YEARS:
        return datetime.now(UTC)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@dataclass
class WatchedRun:
    """One run; `launch` is the trainer that this program started for it, until its first event is read.

    Once `has_read_all`, events that are read were written while the run is watched. One thread may
    read and take snapshots while another one asks the trainer to stop.
    """

    run: Run
    launch: Launch | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    asked_to_stop: datetime | None = None
    has_read_all: bool = field(init=False)
    _record: RunRecord | None = None
    _damaged_lines: int = 0

    def __post_init__(self) -> None:
        self._follower = Follower(self.run.events_file)
        self._events = StateFold()
        self._probe = MachineProbe(self.run)
        self._machine: Machine | None = None
        self.has_read_all = not is_file(self.run.events_file)

    def read(self, limit: int = 2_000) -> NewEvents:
        """Read and fold the next events, at most `limit`; raises `PtbtermError` if the log can't be read."""
        new = self._follower.read(limit)
        if new.restarted:
            self._events, self._damaged_lines = StateFold(), 0
        for event in new.events:
            self._events.apply(event)
            if isinstance(event, RunStarted | RunResumed):
                self._forget_launch(event)
        self._damaged_lines += new.damaged_lines
        self.has_read_all = self.has_read_all or not new.more
        return new

    def _forget_launch(self, event: RunStarted | RunResumed) -> None:
        self.asked_to_stop, self._record = None, None
        if self.launch and (self.has_read_all or event_time(event.time) >= self.launch.at):
            self.launch = None  # written while we watch; its time may be earlier, as clocks get set back

    @property
    def has_events(self) -> bool:
        """Whether an event was read."""
        return bool(self._events.state.time)

    def snapshot(self, *, with_log: bool = False) -> RunSnapshot:
        """Return the run as it is now, on request with the end of its log."""
        state = self._events.state
        return RunSnapshot(
            name=self.run.name,
            state=state,
            condition=condition(self.run, state, self.launch),
            now=self.now(),
            record=self.record(),
            machine=self._machine,
            log=self._end_of_log() if with_log else (),
            damaged_lines=self._damaged_lines,
            asked_to_stop=self.asked_to_stop,
        )

    def measure(self) -> None:
        """Measure the trainer's use of the machine, for the next snapshots; may take 2 s."""
        started = self._events.state.started
        self._machine = self._probe.measure(gpu=bool(started and started.device.startswith("cuda")))

    def record(self) -> RunRecord | None:
        """Return the run's settings; None while they are missing or can't be read."""
        if self._record is None:
            try:
                self._record = self.run.read_record()
            except (OSError, PtbtermError):
                return None
        return self._record

    def failed_launch(self) -> str | None:
        """Return, once, the output of a trainer that failed before its first event."""
        launch = self.launch
        if launch is None or not launch.has_failed():
            return None
        self.launch = None
        return launch.complaint()

    def ask_to_stop(self) -> None:
        """Ask the trainer to stop; raises `PtbtermError` if none runs on this machine."""
        signals.ask_to_stop(self.run)
        self.asked_to_stop = self.now()

    def kill(self) -> None:
        """Kill the trainer; raises like `ask_to_stop`."""
        signals.kill(self.run)
        self.asked_to_stop = None

    def resume(self) -> None:
        """Start a trainer that resumes the run."""
        self.launch, self.asked_to_stop = launch.resume_detached(self.run), None

    def other(self, run: Run) -> "WatchedRun":
        """Return another run, watched with the same clock."""
        return WatchedRun(run, now=self.now)

    def _end_of_log(self) -> tuple[str, ...]:
        try:
            with open_file(self.run.log_file) as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
                return tuple(file.read().decode(errors="replace").splitlines())
        except (OSError, PtbtermError):
            return ()
