"""The event log of a run: one writer appends whole lines, any number of readers read them."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, get_args

import msgspec

from ptbterm.errors import PtbtermError
from ptbterm.files import flush, is_file, open_file, open_to_append
from ptbterm.runs.events import AnyEvent, Warned

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_KINDS = frozenset(event.__struct_config__.tag for event in get_args(AnyEvent))

CHUNK_BYTES = 2**20
"""Bytes that a follower reads at a time."""

MAX_LOG_BYTES = 2**30
"""Limit of a log; 100,000 events have about 50 MB. A file with a hole may claim any size."""

TAIL_BYTES = 500
"""How much of the last line a follower compares to recognize its log: sequence number and time are in it."""

TRANSIENT_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of a full or failing disk: events are kept in memory until a write succeeds."""


class _Kind(msgspec.Struct):
    kind: str


class Journal:
    """Appends events to a log, with sequence number and time, and passes each to `listener`.

    `check` is called before each write, and forbids it by raising `PtbtermError`.
    Bytes that a full disk refuses, even half a line, are kept and written before the next event.
    """

    def __init__(
        self,
        path: Path,
        listener: Callable[[AnyEvent], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self._check = check
        self._listener = listener
        self._now = now
        self._unwritten = b""
        written = (event for new in Follower(path).read_all() for event in new.events)
        self._sequence = max((event.sequence for event in written), default=0)
        if path.exists() or path.is_symlink():
            _drop_torn_line(path)

    def append(self, event: AnyEvent) -> None:
        """Write one line and hand it to the operating system.

        A full disk is a warning, once. Raises `PtbtermError` if the log can't be written for another reason.
        """
        self._sequence += 1
        now = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = msgspec.structs.replace(event, sequence=self._sequence, time=now)
        is_first_failure = not self._unwritten
        self._unwritten += encode(event) + b"\n"
        failure = None
        try:
            self._write()
        except OSError as error:
            failure = self._failure(error)
            if error.errno not in TRANSIENT_ERRORS:
                raise failure from error
        self._listener(event)
        if failure and is_first_failure:
            self.append(
                Warned(
                    message=failure.message,
                    hint="Training continues; events are kept in memory until there is room.",
                )
            )

    def flush(self) -> None:
        """Wait until all events are on disk; raises `PtbtermError` if that fails."""
        try:
            self._write()
            flush(self.path)
            flush(self.path.parent)
        except OSError as error:
            raise self._failure(error) from error

    def _write(self) -> None:
        """Write the pending bytes, or as many as the disk takes."""
        self._check()
        with open_to_append(self.path) as file:
            while self._unwritten:
                self._unwritten = self._unwritten[file.write(self._unwritten) :]

    def _failure(self, error: OSError) -> PtbtermError:
        return PtbtermError(
            f"{self.path} can't be written: {error.strerror}.",
            "Check that the folder exists, that you may write there, and that the disk has room.",
        )


def encode(event: AnyEvent) -> bytes:
    """Return the event as one line of JSON, without the newline."""
    return _encoder.encode(event)


def read_events(path: Path) -> Iterator[AnyEvent]:
    """Yield the events of a log; a torn last line and unknown kinds are skipped.

    Raises `PtbtermError` naming file and line if a line is damaged.
    """
    with open_file(path) as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n") and (event := _decode(line, path, number)) is not None:
                yield event


@dataclass(frozen=True)
class NewEvents:
    """Newly read events; `restarted`: the log was replaced, and read from its beginning; `more`: read again."""

    events: list[AnyEvent]
    restarted: bool = False
    damaged_lines: int = 0
    more: bool = False


class Follower:
    """Reads a log that another process writes, from its beginning, a chunk at a time.

    A torn last line is left for the next read. A log that was truncated or replaced is read from its beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0
        self._tail = b""

    def read(self, limit: int = 2_000, seconds: float = 0.05) -> NewEvents:
        """Return the next events, at most `limit` and for at most `seconds`; none if the log does not exist yet.

        Raises `PtbtermError` if the log can't be read.
        """
        if not is_file(self.path):
            return NewEvents([])
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > MAX_LOG_BYTES:
                    raise PtbtermError(
                        f"{self.path} can't be read: it is larger than {MAX_LOG_BYTES:,} bytes.",
                        "Move it away; the checkpoints do not need it.",
                    )
                chunk, restarted = self._next_chunk(file)
        except FileNotFoundError:
            return NewEvents([])
        except OSError as error:
            raise PtbtermError(f"{self.path} can't be read: {error.strerror}.") from error
        events: list[AnyEvent] = []
        damaged, deadline = 0, time.monotonic() + seconds
        for number, line in enumerate(_whole_lines(chunk)):
            if number == limit or time.monotonic() > deadline:
                return NewEvents(events, restarted, damaged, more=True)
            self._position += len(line)
            self._tail = line[-TAIL_BYTES:]
            try:
                if (event := _decode(line, self.path, number)) is not None:
                    events.append(event)
            except PtbtermError:
                damaged += 1
        return NewEvents(events, restarted, damaged, more=len(chunk) == CHUNK_BYTES)

    def read_all(self) -> Iterator[NewEvents]:
        """Yield everything that can be read now, a chunk at a time."""
        while (new := self.read(seconds=1.0)).more:
            yield new
        yield new

    def _next_chunk(self, file: BinaryIO) -> tuple[bytes, bool]:
        """Return the next bytes, and whether the log was replaced, in which case they are its first."""
        file.seek(self._position - len(self._tail))
        chunk = file.read(len(self._tail) + CHUNK_BYTES)
        if chunk.startswith(self._tail):
            return chunk[len(self._tail) :], False
        self._position, self._tail = 0, b""
        file.seek(0)
        return file.read(CHUNK_BYTES), True


def _whole_lines(chunk: bytes) -> list[bytes]:
    """Return the whole lines of a chunk; a line longer than a chunk is damage, and returned as it is."""
    end = chunk.rfind(b"\n") + 1
    if not end and len(chunk) == CHUNK_BYTES:
        return [chunk]
    return chunk[:end].splitlines(keepends=True)


def _decode(line: bytes, path: Path, number: int) -> AnyEvent | None:
    try:
        if msgspec.json.decode(line, type=_Kind).kind not in _KINDS:
            return None
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PtbtermError(
            f"{path} is damaged: line {number} is not a valid event ({error}).",
            "Delete that line, or restore the file from a copy; the checkpoints do not need it.",
        ) from error


def _drop_torn_line(path: Path) -> None:
    with open_to_append(path) as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
