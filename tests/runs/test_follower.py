"""Reading a log that another process writes: whole lines only, from wherever it stands."""

import errno
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import AnyEvent
from ptbterm.runs.journal import CHUNK_BYTES, Follower, Journal, encode, read_events
from tests.examples.events import EVENTS, FINISHED, STARTED, STOPPED, progress

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def follower(log: Path) -> Follower:
    return Follower(log)


def lines(count: int = len(EVENTS)) -> list[bytes]:
    return [encode(event) + b"\n" for event in (EVENTS * (count // len(EVENTS) + 1))[:count]]


def test_a_log_that_is_not_there_yet(follower: Follower, log: Path) -> None:
    assert follower.read().events == []
    Journal(log, lambda _: None).append(STARTED)
    assert [type(event) for event in follower.read().events] == [type(STARTED)]


def test_an_unreadable_log_is_refused_by_name(
    follower: Follower, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(log))

    log.write_bytes(b"")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PtbtermError, match=r"events\.jsonl can't be read: Permission denied"):
        follower.read()


def test_only_what_is_new(follower: Follower, log: Path) -> None:
    journal = Journal(log, lambda _: None)
    for event in EVENTS:
        journal.append(event)
        [read] = follower.read().events
        assert type(read) is type(event)
        assert follower.read().events == []


@given(st.data())
def test_any_cut_of_the_bytes_gives_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log = tmp_path_factory.mktemp("log") / "events.jsonl"
    whole = b"".join(lines())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    follower, read = Follower(log), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        with log.open("ab") as file:
            file.write(whole[start:end])
        read += follower.read().events
    assert read == EVENTS


def test_a_torn_last_line_is_awaited(follower: Follower, log: Path) -> None:
    first, second = lines(2)
    log.write_bytes(first + second[:20])
    assert follower.read().events == EVENTS[:1]
    log.write_bytes(first + second)
    assert follower.read().events == EVENTS[1:2]


def cut_short(log: Path) -> None:
    log.write_bytes(encode(STOPPED) + b"\n")


def replaced(log: Path) -> None:
    new = log.with_name("new")
    new.write_bytes(encode(STOPPED) + b"\n" + b"".join(lines()) * 2)
    new.replace(log)


def cut_short_and_grown(log: Path) -> None:
    """As if the viewer had slept in the meantime."""
    log.write_bytes(encode(STOPPED) + b"\n" + b"".join(lines()) * 2)


@pytest.mark.parametrize("change", [cut_short, replaced, cut_short_and_grown])
def test_a_log_that_was_cut_short_or_replaced_is_read_again(
    follower: Follower, log: Path, change: Callable[[Path], None]
) -> None:
    log.write_bytes(b"".join(lines()))
    assert follower.read().restarted is False
    change(log)
    new = follower.read()
    assert new.restarted
    assert new.events[0] == STOPPED


def test_a_log_that_was_copied_is_known_again(follower: Follower, log: Path) -> None:
    log.write_bytes(b"".join(lines()))
    assert follower.read().events == EVENTS
    copy = log.with_name("copy")
    copy.write_bytes(log.read_bytes() + encode(STOPPED) + b"\n")
    copy.replace(log)
    new = follower.read()
    assert (new.events, new.restarted) == ([STOPPED], False)


def test_read_while_it_is_truncated_and_rewritten(log: Path) -> None:
    """Whatever a reader in a thread meets, it ends with the log as it is."""
    follower, seen, done = Follower(log), list[AnyEvent](), threading.Event()

    def follow() -> None:
        more, last = True, False
        while more or not last:
            last = done.is_set()
            new = follower.read()
            if new.restarted:
                seen.clear()
            seen.extend(new.events)
            more = new.more

    reader = threading.Thread(target=follow)
    reader.start()
    for number in range(200):
        log.unlink(missing_ok=True) if number % 2 else log.write_bytes(b"")
        journal = Journal(log, lambda _: None, now=lambda number=number: NOON + timedelta(seconds=number))  # type: ignore[misc]
        for event in EVENTS:
            journal.append(event)
    done.set()
    reader.join()
    assert seen == list(read_events(log))


def test_damaged_lines_are_counted_and_skipped(follower: Follower, log: Path) -> None:
    log.write_bytes(
        b"\x00\xff\n" + encode(STARTED) + b'\n{"kind": "from_the_future"}\n[]\n' + encode(FINISHED) + b"\n"
    )
    new = follower.read()
    assert (new.events, new.damaged_lines) == ([STARTED, FINISHED], 2)


def test_a_line_without_end_is_passed_in_bounded_memory(follower: Follower, log: Path) -> None:
    log.write_bytes(b"x" * (2 * CHUNK_BYTES) + b"\n" + encode(FINISHED) + b"\n")
    events, damaged, more = [], 0, True
    while more:
        new = follower.read()
        events += new.events
        damaged, more = damaged + new.damaged_lines, new.more
    assert events == [FINISHED]
    assert damaged > 0


def test_a_limit_on_the_events_of_one_read(follower: Follower, log: Path) -> None:
    log.write_bytes(b"".join(lines(50)))
    sizes = []
    while (new := follower.read(limit=20, seconds=60.0)).events:
        sizes.append((len(new.events), new.more))
    assert sizes == [(20, True), (20, True), (10, False)]


def test_not_for_longer_than_asked(follower: Follower, log: Path) -> None:
    log.write_bytes(b"".join(lines(50)))
    new = follower.read(seconds=-1.0)
    assert (new.events, new.more) == ([], True)


def test_a_log_of_many_chunks(follower: Follower, log: Path) -> None:
    line = encode(progress(1.0)) + b"\n"
    count = 3 * CHUNK_BYTES // len(line)
    log.write_bytes(line * count)
    assert log.stat().st_size > 2 * CHUNK_BYTES
    read, more = 0, True
    while more:
        new = follower.read(limit=10**9, seconds=60.0)
        read, more = read + len(new.events), new.more
    assert read == count
