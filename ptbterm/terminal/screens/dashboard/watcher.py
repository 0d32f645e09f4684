"""The thread behind the dashboard: reads a run's events and posts snapshots; the screen never waits for a disk."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message
from textual.notifications import SeverityLevel

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import Warned
from ptbterm.runs.journal import NewEvents
from ptbterm.runs.watched import RunSnapshot, WatchedRun


@dataclass(frozen=True)
class Pace:
    """How often (s) new events are read and shown, the curve is drawn, and the clock ticks without events."""

    events: float
    curve: float
    clock: float = 1.0

    @classmethod
    def of(cls, refresh: float) -> "Pace":
        """Return the pace that shows events every `refresh` seconds, the curve, more to draw, half as often."""
        return cls(refresh, 2 * refresh)


class RunWatcher:
    """Follows a run; `post` hands a message to the screen, from any thread."""

    class Updated(Message):
        """The run at this moment."""

        def __init__(self, snapshot: RunSnapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

        def can_replace(self, message: Message) -> bool:
            """Allow a newer snapshot to replace one that the screen has not handled yet."""
            return isinstance(message, RunWatcher.Updated)

    class Noticed(Message):
        """A notification: a warning of the trainer, or a log that can't be read."""

        def __init__(self, text: str, severity: SeverityLevel) -> None:
            super().__init__()
            self.text, self.severity = text, severity

    class LaunchFailed(Message):
        """The trainer that this program started for the run could not start."""

        def __init__(self, complaint: str) -> None:
            super().__init__()
            self.complaint = complaint

    def __init__(self, watched: WatchedRun, pace: Pace, post: Callable[[Message], object]) -> None:
        self.watched = watched
        self.with_log = False
        self._pace, self._post = pace, post
        self._asked, self._closed = threading.Event(), threading.Event()
        self._last_error = ""
        self._posted_at = -pace.clock

    def ask(self) -> None:
        """Post a snapshot now."""
        self._asked.set()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._asked.set()

    def run(self) -> None:
        """Follow the run until closed: the body of the thread."""
        while not self._closed.is_set():
            is_first, is_news = not self.watched.has_events, self.watched.has_read_all
            new = self._read()
            if is_news:
                self._notice_warnings(new)
            has_changed = bool(new.events or new.restarted or new.damaged_lines)
            if self._is_due() or (has_changed and (is_first or not new.more)):
                self._post_snapshot()
            if not new.more:
                self._asked.wait(self._pace.events)

    def _read(self) -> NewEvents:
        try:
            new = self.watched.read()
        except PtbtermError as error:
            if error.message != self._last_error:
                self._post(self.Noticed(error.message, "error"))
            self._last_error = error.message
            return NewEvents([])
        self._last_error = ""
        return new

    def _notice_warnings(self, new: NewEvents) -> None:
        for event in new.events:
            if isinstance(event, Warned):
                self._post(self.Noticed(f"{event.message} {event.hint}", "warning"))

    def _is_due(self) -> bool:
        """Return whether a snapshot was asked for, or the clock ticks: a trainer that dies writes no event."""
        return self._asked.is_set() or time.monotonic() - self._posted_at >= self._pace.clock

    def _post_snapshot(self) -> None:
        self._asked.clear()
        self._posted_at = time.monotonic()
        self._post(self.Updated(self.watched.snapshot(with_log=self.with_log)))
        if (complaint := self.watched.failed_launch()) is not None:
            self._post(self.LaunchFailed(complaint))
