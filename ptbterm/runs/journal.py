"""The event log of a run: one writer appends whole lines, any number of readers read them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import AnyEvent, Event

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_KINDS = frozenset(event.__struct_config__.tag for event in Event.__subclasses__())


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
        time = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = msgspec.structs.replace(event, sequence=self._sequence, time=time)
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
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n") and (event := _decode(line, path, number)) is not None:
                yield event


def _decode(line: bytes, path: Path, number: int) -> AnyEvent | None:
    try:
        if msgspec.json.decode(line, type=_Kind).kind not in _KINDS:
            return None
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PtbtermError(f"{path} is damaged: line {number} is no event ({error}).") from error


def _drop_torn_line(path: Path) -> None:
    with path.open("rb+") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
