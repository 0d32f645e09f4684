"""What the panels of a dashboard draw: what is known of the run, and the moment at which it is looked at."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ptbterm.runs.process import Condition
from ptbterm.runs.run import RunRecord
from ptbterm.runs.state import RunState
from ptbterm.terminal.text.symbols import UNICODE, Symbols

SILENCE_SECONDS = 40.0
"""A running trainer that has told nothing for so long, and for three times its usual pause, has no news."""

CENTURIES = range(1900, 2200)
"""The years of a clock that can be believed."""


@dataclass(frozen=True)
class Machine:
    """What the trainer takes of its machine: percent of one CPU, and bytes of memory and disk."""

    cpu_percent: float
    memory: int
    disk_free: int
    gpu: str = ""


@dataclass(frozen=True)
class RunView:
    """A run as it is looked at now; `asked_to_stop` is when the trainer was asked, in seconds of the clock."""

    name: str
    state: RunState
    condition: Condition
    now: datetime
    record: RunRecord | None = None
    machine: Machine | None = None
    log: list[str] = field(default_factory=list)
    damaged_lines: int = 0
    asked_to_stop: datetime | None = None
    symbols: Symbols = UNICODE

    @property
    def is_live(self) -> bool:
        """Whether a trainer is at work."""
        return self.condition in {Condition.RUNNING, Condition.STARTING}

    @property
    def silent_seconds(self) -> float:
        """Seconds since the trainer last told anything; 0 before it told anything."""
        return (self.now - moment(self.state.time)).total_seconds() if self.state.time else 0.0

    @property
    def has_no_news(self) -> bool:
        """Whether the trainer has been silent for longer than it should be."""
        return self.is_live and self.silent_seconds > max(SILENCE_SECONDS, 3 * self.state.usual_pause)

    @property
    def saved_seconds(self) -> float | None:
        """Seconds since the last checkpoint; None before the first."""
        return (self.now - moment(self.state.saved.time)).total_seconds() if self.state.saved else None

    @property
    def best_is_saved(self) -> bool:
        """Whether there is a checkpoint to chat with."""
        return self.state.saved is not None


def moment(time: str) -> datetime:
    """Return the moment that an event's time names; now where it names none of these centuries."""
    try:
        told = datetime.fromisoformat(time)
    except ValueError:
        return datetime.now(UTC)
    if told.year not in CENTURIES:
        return datetime.now(UTC)
    return told if told.tzinfo else told.replace(tzinfo=UTC)
