"""The event log of a run: one writer appends whole lines, any number of readers read them."""

import errno
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from ptbterm.errors import PtbtermError
from ptbterm.files import flush, is_file, open_file, open_to_append
from ptbterm.runs.events import AnyEvent, Event, Warned

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_KINDS = frozenset(event.__struct_config__.tag for event in Event.__subclasses__())

CHUNK_BYTES = 2**20
"""What a follower reads at once."""

BEFORE_BYTES = 500
"""By so much of what it read last, a follower knows a log again: number and time are in it."""

MAY_PASS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of a full or failing disk: the events are kept until it takes them."""


class _Kind(msgspec.Struct):
    kind: str


class Journal:
    """Appends events to a log, numbering and dating them, and hands each to `listener`.

    What a full disk refuses is kept, be it half a line, and written before the next event.
    """

    def __init__(
        self,
        path: Path,
        listener: Callable[[AnyEvent], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = path
        self._listener = listener
        self._now = now
        self._unwritten = b""
        told = (event for new in Follower(path).read_all() for event in new.events)
        self._sequence = max((event.sequence for event in told), default=0)
        if path.exists() or path.is_symlink():
            _drop_torn_line(path)

    def append(self, event: AnyEvent) -> None:
        """Write one line and hand it to the operating system.

        A disk that has no room for it is a warning, once; raises `PtbtermError` where the log can't be written at
        all.
        """
        self._sequence += 1
        now = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = msgspec.structs.replace(event, sequence=self._sequence, time=now)
        is_news = not self._unwritten
        self._unwritten += encode(event) + b"\n"
        failure = None
        try:
            self._write()
        except OSError as error:
            failure = self._failure(error)
            if error.errno not in MAY_PASS:
                raise failure from error
        self._listener(event)
        if failure and is_news:
            self.append(Warned(message=failure.message, hint="Training goes on; events wait until there is room."))

    def flush(self) -> None:
        """Wait until the disk holds all events; raises `PtbtermError` if it can't."""
        try:
            self._write()
            flush(self.path)
            flush(self.path.parent)
        except OSError as error:
            raise self._failure(error) from error

    def _write(self) -> None:
        """Write what waits, or as much of it as the disk takes."""
        with open_to_append(self.path) as file:
            while self._unwritten:
                self._unwritten = self._unwritten[file.write(self._unwritten) :]

    def _failure(self, error: OSError) -> PtbtermError:
        return PtbtermError(f"{self.path} can't be written: {error.strerror}.", "Is the folder there, with room?")


def encode(event: AnyEvent) -> bytes:
    """Return the event as one line of JSON, without its end."""
    return _encoder.encode(event)


def read_events(path: Path) -> Iterator[AnyEvent]:
    """Yield the events of a log; a torn last line and unknown kinds are skipped.

    Raises `PtbtermError` naming file and line where a line is no event.
    """
    with open_file(path) as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n") and (event := _decode(line, path, number)) is not None:
                yield event


@dataclass(frozen=True)
class NewEvents:
    """Events; whether the log was begun anew; how many lines are no events; whether more can be read at once."""

    events: list[AnyEvent]
    begun_anew: bool = False
    damaged_lines: int = 0
    more: bool = False


class Follower:
    """Reads a log that another process writes, from its beginning, a piece at a time.

    A torn last line is awaited. A log that was cut short or replaced is read again from its beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0
        self._before = b""

    def read(self, most: int = 2_000, seconds: float = 0.05) -> NewEvents:
        """Return the next events, at most so many and for at most so long; none where there is no log yet.

        Raises `PtbtermError` where the log can't be read.
        """
        if not is_file(self.path):
            return NewEvents([])
        try:
            with self.path.open("rb") as file:
                chunk, begun_anew = self._next_chunk(file)
        except FileNotFoundError:
            return NewEvents([])
        except OSError as error:
            raise PtbtermError(f"{self.path} can't be read: {error.strerror}.") from error
        events: list[AnyEvent] = []
        damaged, deadline = 0, time.monotonic() + seconds
        for number, line in enumerate(_whole_lines(chunk)):
            if number == most or time.monotonic() > deadline:
                return NewEvents(events, begun_anew, damaged, more=True)
            self._position += len(line)
            self._before = line[-BEFORE_BYTES:]
            try:
                if (event := _decode(line, self.path, number)) is not None:
                    events.append(event)
            except PtbtermError:
                damaged += 1
        return NewEvents(events, begun_anew, damaged, more=len(chunk) == CHUNK_BYTES)

    def read_all(self) -> Iterator[NewEvents]:
        """Yield all that there is to read now, a piece at a time."""
        while (new := self.read(seconds=1.0)).more:
            yield new
        yield new

    def _next_chunk(self, file: BinaryIO) -> tuple[bytes, bool]:
        """Return what comes next; where what was read last is not there, the beginning, and that it is."""
        file.seek(self._position - len(self._before))
        chunk = file.read(len(self._before) + CHUNK_BYTES)
        if chunk.startswith(self._before):
            return chunk[len(self._before) :], False
        self._position, self._before = 0, b""
        file.seek(0)
        return file.read(CHUNK_BYTES), True


def _whole_lines(chunk: bytes) -> list[bytes]:
    """Return the lines of a chunk without a torn last one; a line that fills a chunk is damage, to be passed."""
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
        raise PtbtermError(f"{path} is damaged: line {number} is no event ({error}).") from error


def _drop_torn_line(path: Path) -> None:
    with open_to_append(path) as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
