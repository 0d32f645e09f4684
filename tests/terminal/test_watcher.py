"""The thread behind the dashboard, alone: a list takes its messages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.message import Message

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import Warned
from ptbterm.runs.journal import Journal, NewEvents
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.screens.dashboard.watcher import Pace, RunWatcher
from tests.terminal.watched_runs import make_run, story

RARELY = Pace(events=0.01, curve=60.0, clock=60.0)
PATIENCE = 10.0


class Inbox:
    """Takes messages from any thread."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._has_more = threading.Condition()

    def post(self, message: Message) -> None:
        with self._has_more:
            self.messages.append(message)
            self._has_more.notify_all()

    def snapshots(self) -> list[RunWatcher.Updated]:
        return [message for message in self.messages if isinstance(message, RunWatcher.Updated)]

    def notices(self) -> list[str]:
        return [message.text for message in self.messages if isinstance(message, RunWatcher.Noticed)]

    def wait_for(self, epoch: int) -> None:
        """Wait until a snapshot has reached an epoch."""
        with self._has_more:
            arrived = self._has_more.wait_for(
                lambda: any(each.snapshot.state.epoch == epoch for each in self.snapshots()), PATIENCE
            )
        assert arrived, self.messages

    def wait_for_notice(self, text: str) -> None:
        with self._has_more:
            assert self._has_more.wait_for(lambda: any(text in each for each in self.notices()), PATIENCE)


@contextmanager
def watching(watched: WatchedRun, pace: Pace = RARELY) -> Iterator[tuple[RunWatcher, Inbox]]:
    inbox = Inbox()
    watcher = RunWatcher(watched, pace, inbox.post)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    try:
        yield watcher, inbox
    finally:
        watcher.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs", story(1.5))


def test_a_snapshot_is_posted_when_events_come_and_none_without(run: Run) -> None:
    with watching(WatchedRun(run)) as (_, inbox):
        inbox.wait_for(2)
        before = len(inbox.snapshots())
        threading.Event().wait(10 * RARELY.events)
        assert len(inbox.snapshots()) == before
        for event in list(story(2.2))[-10:]:
            Journal(run.events_file, lambda _: None).append(event)
        inbox.wait_for(3)


def test_the_clock_ticks_without_events(run: Run) -> None:
    with watching(WatchedRun(run), Pace(events=0.01, curve=60.0, clock=0.02)) as (_, inbox):
        inbox.wait_for(2)
        before = len(inbox.snapshots())
        threading.Event().wait(0.3)
        assert len(inbox.snapshots()) > before + 1


def test_a_snapshot_is_posted_on_request_with_the_log_if_wanted(run: Run) -> None:
    run.log_file.write_text("printed\n")
    with watching(WatchedRun(run), Pace(events=60.0, curve=60.0, clock=60.0)) as (watcher, inbox):
        inbox.wait_for(2)
        assert inbox.snapshots()[-1].snapshot.log == ()
        watcher.with_log = True
        watcher.ask()
        for _ in range(500):
            if inbox.snapshots()[-1].snapshot.log:
                break
            threading.Event().wait(0.01)
        assert inbox.snapshots()[-1].snapshot.log == ("printed",)


def test_warnings_are_notified_only_if_they_are_news(run: Run) -> None:
    journal = Journal(run.events_file, lambda _: None)
    journal.append(Warned(message="Old.", hint=""))
    with watching(WatchedRun(run)) as (_, inbox):
        inbox.wait_for(2)
        journal.append(Warned(message="New.", hint="Act."))
        inbox.wait_for_notice("New. Act.")
        assert not [text for text in inbox.notices() if "Old" in text]


class Unreadable(WatchedRun):
    """A run whose log can't be read three times, and then can."""

    failures = 3

    def read(self, limit: int = 2_000) -> NewEvents:
        if self.failures:
            self.failures -= 1
            raise PtbtermError("events.jsonl can't be read.")
        return super().read(limit)


def test_a_log_that_can_not_be_read_is_notified_once(run: Run) -> None:
    with watching(Unreadable(run)) as (_, inbox):
        inbox.wait_for(2)
        assert inbox.notices() == ["events.jsonl can't be read."]


def test_a_newer_snapshot_takes_the_place_of_an_older_one(run: Run) -> None:
    older, newer = (RunWatcher.Updated(WatchedRun(run).snapshot()) for _ in range(2))
    assert older.can_replace(newer)
    assert not older.can_replace(RunWatcher.Noticed("The disk is full.", "warning"))
