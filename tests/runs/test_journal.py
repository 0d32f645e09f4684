"""The event log: one writer, whole lines, and readers that take it as they find it."""

import json
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import AnyEvent, Warned
from ptbterm.runs.journal import Follower, Journal, encode, read_events
from tests.examples.events import EVENTS, FAILED, FINISHED, STARTED, STOPPED, progress
from tests.full_disk import full_disk


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def write(log: Path, *events: AnyEvent) -> None:
    journal = Journal(log, lambda _: None)
    for event in events:
        journal.append(event)


def sequences(log: Path) -> list[int]:
    return [event.sequence for event in read_events(log)]


def test_events_are_read_back_numbered_and_as_the_listener_got_them(log: Path) -> None:
    received: list[AnyEvent] = []
    journal = Journal(log, received.append)
    for event in EVENTS:
        journal.append(event)
        assert list(read_events(log)) == received
    assert [type(event) for event in received] == [type(event) for event in EVENTS]
    assert [event.sequence for event in received] == list(range(1, len(EVENTS) + 1))


def test_times_are_utc(log: Path) -> None:
    journal = Journal(log, lambda _: None, now=lambda: datetime(2026, 11, 23, 9, 5, 6, 789_999, UTC))
    journal.append(STARTED)
    write(log, STOPPED)
    first, second = (json.loads(line)["time"] for line in log.read_text().splitlines())
    assert first == "2026-11-23T09:05:06.789Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", second)
    assert abs((datetime.fromisoformat(second) - datetime.now(UTC)).total_seconds()) < 60


def test_the_next_writer_continues_the_numbers(log: Path) -> None:
    write(log, STARTED, STOPPED)
    write(log, FINISHED)
    assert sequences(log) == [1, 2, 3]


def test_a_torn_last_line_is_skipped_and_dropped_by_the_next_writer(log: Path, tmp_path: Path) -> None:
    write(log, STARTED, FAILED)
    whole = log.read_bytes()
    torn_line = encode(EVENTS[7])
    for kept in (1, 9, torn_line.index(b"\xc3") + 1, len(torn_line)):
        torn = tmp_path / f"torn after {kept}"
        torn.write_bytes(whole + torn_line[:kept])
        assert sequences(torn) == [1, 2]
        write(torn, FINISHED)
        assert torn.read_bytes().startswith(whole)
        assert sequences(torn) == [1, 2, 3]


def test_a_log_of_one_torn_line_restarts(log: Path) -> None:
    log.write_bytes(b'{"kind":"run_star')
    assert sequences(log) == []
    write(log, STARTED)
    assert sequences(log) == [1]


def test_what_a_later_version_adds_is_skipped(log: Path) -> None:
    write(log, STARTED)
    valid = json.loads(encode(STOPPED)) | {"sequence": 3, "version": 2, "mood": "good"}
    lines = [{"version": 2, "kind": "teleported", "sequence": 2, "epoch": "x"}, valid]
    with log.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    assert sequences(log) == [1, 3]
    write(log, FINISHED)
    assert sequences(log) == [1, 3, 4]


@pytest.mark.parametrize(
    "damage",
    [
        b'{"kind":"run_stopped","epo\n',
        b"\x00\x00\x00\n",
        b"\n",
        b"[]\n",
        b"{}\n",
        b'{"kind":7}\n',
        b'{"kind":"run_failed","hint":"no reason"}\n',
        b'{"kind":"run_failed","hint":"","reason":"\xff"}\n',
        b'{"kind":"epoch_started","epoch":"two","learning_rate":1}\n',
        encode(progress(training_seconds=26.5)).replace(b"3671.2", b"-3671.2") + b"\n",
    ],
)
def test_damage_names_file_and_line(log: Path, damage: bytes) -> None:
    write(log, STARTED)
    log.write_bytes(log.read_bytes() + damage + encode(STOPPED) + b"\n")
    with pytest.raises(PtbtermError, match=r"is damaged: line 2 is not a valid event") as error:
        sequences(log)
    assert error.value.message.startswith(str(log))


KILLED = """
import os, signal, sys
from pathlib import Path
from ptbterm.runs.events import EpochStarted
from ptbterm.runs.journal import Journal
journal = Journal(Path(sys.argv[1]), lambda event: event.sequence == 3 and os.kill(os.getpid(), signal.SIGKILL))
while True:
    journal.append(EpochStarted(epoch=1, learning_rate=1.0))
"""


@pytest.mark.process
def test_appended_events_survive_a_kill(log: Path) -> None:
    process = subprocess.run([sys.executable, "-c", KILLED, str(log)], check=False)
    assert process.returncode == -signal.SIGKILL
    assert sequences(log) == [1, 2, 3]


@pytest.mark.parametrize("room", [0, 10, 100])
def test_events_are_kept_until_a_full_disk_has_room(log: Path, room: int) -> None:
    received: list[AnyEvent] = []
    journal = Journal(log, received.append)
    journal.append(STARTED)
    whole = log.read_bytes()
    with full_disk(len(whole) + room):
        journal.append(STOPPED)
        journal.append(EVENTS[2])
        assert log.read_bytes().startswith(whole)
        assert list(read_events(log)) == received[:1]
        with pytest.raises(PtbtermError, match=f"^{log} can't be written: File too large"):
            journal.flush()
    journal.append(FAILED)
    journal.flush()
    assert [type(event) for event in received] == [
        type(STARTED),
        type(STOPPED),
        Warned,
        type(EVENTS[2]),
        type(FAILED),
    ]
    assert list(read_events(log)) == received
    assert sequences(log) == [1, 2, 3, 4, 5]


def test_a_line_that_is_half_written_is_completed_and_never_cut_back(log: Path) -> None:
    """A disk that refuses to write may also refuse to truncate; the next event would then follow half a line."""
    journal = Journal(log, lambda _: None)
    journal.append(STARTED)
    size = log.stat().st_size
    with full_disk(size + 20):
        journal.append(STOPPED)
        assert log.stat().st_size == size + 20
    journal.append(FINISHED)
    assert [type(event) for event in read_events(log)] == [type(STARTED), type(STOPPED), Warned, type(FINISHED)]


def test_a_log_that_is_a_link_is_not_written(log: Path, tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_text("gold")
    log.symlink_to(treasure)
    with pytest.raises(PtbtermError, match=r"events\.jsonl can't be written: it is a symbolic link"):
        Journal(log, lambda _: None)
    assert treasure.read_text() == "gold"


def test_a_log_whose_folder_is_gone_is_an_error(log: Path, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gone" / "events.jsonl", lambda _: None)
    with pytest.raises(PtbtermError, match=r"gone/events.jsonl can't be written: No such file or directory"):
        journal.append(STARTED)


def test_a_clock_that_is_set_back_leaves_the_order(log: Path) -> None:
    times = iter(datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (9, 3, 4))
    journal = Journal(log, lambda _: None, now=lambda: next(times))
    for event in (STARTED, STOPPED, FINISHED):
        journal.append(event)
    assert [(event.sequence, event.time[11:13]) for event in read_events(log)] == [(1, "09"), (2, "03"), (3, "04")]


def test_a_log_damaged_by_a_power_cut_is_continued(log: Path) -> None:
    write(log, STARTED, STOPPED)
    log.write_bytes(log.read_bytes() + bytes(100) + b"\n" + bytes(50))
    write(log, FINISHED)
    read = [event for new in Follower(log).read_all() for event in new.events]
    assert [event.sequence for event in read] == [1, 2, 3]
