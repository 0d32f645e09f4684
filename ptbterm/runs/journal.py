"""The event log of a run: one writer appends whole lines, any number of readers read them."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ptbterm.errors import PtbtermError
from ptbterm.reading import open_file
from ptbterm.runs.events import AnyEvent, Event

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_KINDS = frozenset(event.__struct_config__.tag for event in Event.__subclasses__())


CHUNK_BYTES = 2**20
"""What a follower reads at once."""


class _Kind(msgspec.Struct):
    kind: str


class Journal:
    """Appends events to a log, numbering and dating them, and hands each to `listener`."""

    def __init__(
        self,
        path: Path,
        listener: Callable[[AnyEvent], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = path
        self._listener = listener
        self._now = now
        self._sequence = 0
        if path.exists():
            self._sequence = max((event.sequence for event in read_events(path)), default=0)
            _drop_torn_line(path)

    def append(self, event: AnyEvent) -> None:
        """Write one line and flush it to the operating system; what a full disk cut short is taken back."""
        self._sequence += 1
        now = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = msgspec.structs.replace(event, sequence=self._sequence, time=now)
        try:
            with self.path.open("ab") as file:
                file.write(encode(event) + b"\n")
        except OSError:
            _drop_torn_line(self.path)
            raise
        self._listener(event)


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
        self._identity: tuple[int, int] | None = None

    def read(self, most: int = 2_000, seconds: float = 0.05) -> NewEvents:
        """Return the next events, at most so many and for at most so long; none where there is no log yet."""
        if not self.path.is_file():
            return NewEvents([])
        try:
            with self.path.open("rb") as file:
                begun_anew = self._find_place(os.fstat(file.fileno()))
                file.seek(self._position)
                chunk = file.read(CHUNK_BYTES)
        except FileNotFoundError:
            return NewEvents([])
        events: list[AnyEvent] = []
        damaged, deadline = 0, time.monotonic() + seconds
        for number, line in enumerate(_whole_lines(chunk)):
            if number == most or time.monotonic() > deadline:
                return NewEvents(events, begun_anew, damaged, more=True)
            self._position += len(line)
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

    def _find_place(self, found: os.stat_result) -> bool:
        """Go back to the beginning of a log that is not the one read so far; return whether it is not."""
        identity = (found.st_dev, found.st_ino)
        other = self._identity is not None and (identity != self._identity or found.st_size < self._position)
        self._identity = identity
        if other:
            self._position = 0
        return other


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
    with path.open("rb+") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
