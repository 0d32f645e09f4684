"""Downloads one file over HTTP into a part file that a later attempt, or a later process, continues.

Written by hand because neither requests nor pooch can resume. A file received in several parts may be wrong, as it
may have changed between them: the caller verifies it.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from ptbterm.errors import PtbtermError

if TYPE_CHECKING:
    from requests import Response

_CHUNK_BYTES = 2**16
_WAIT_SECONDS = 0.1
_T = TypeVar("_T")


@dataclass(frozen=True)
class Transfer:
    """How much of a file has arrived; `done_bytes` includes those of earlier attempts."""

    url: str
    done_bytes: int
    total_bytes: int | None

    @property
    def name(self) -> str:
        """The file's name: the last part of the URL's path."""
        return re.split(r"[?#]", self.url)[0].rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often to reconnect where a connection breaks.

    A server that sends fewer than `slow_bytes` in `slow_seconds`, or no whole head of an answer, is given up.
    """

    connect_seconds: float = 5
    read_seconds: float = 30
    slow_seconds: float = 60
    slow_bytes: int = 2**14
    retries: int = 3
    pause_seconds: float = 1


class _BrokenOffError(PtbtermError):
    """The connection ended before the file did."""


def part_file(url: str, folder: Path) -> Path:
    """Return where the bytes of `url` are collected in `folder`."""
    digest = hashlib.sha256(url.encode(errors="surrogateescape")).hexdigest()
    return folder / f"{digest[:16]}.part"


@dataclass(frozen=True)
class Fetcher:
    """Downloads files, and calls `on_progress` as their bytes arrive."""

    on_progress: Callable[[Transfer], None]
    patience: Patience = field(default_factory=Patience)

    def fetch(self, url: str, part: Path, max_bytes: int) -> bool:
        """Download `url` into `part`, continuing what is there; return whether bytes from before were kept.

        Raises `PtbtermError` if the connection fails or breaks too often, the file is missing, nothing arrives,
        or the file has more than `max_bytes`. What has arrived stays in `part`, unless it is too large.
        """
        retries_left = self.patience.retries
        while True:
            try:
                return self._receive(url, part, max_bytes)
            except _BrokenOffError:
                if not retries_left:
                    raise
            retries_left -= 1
            time.sleep(self.patience.pause_seconds)

    def _receive(self, url: str, part: Path, max_bytes: int) -> bool:
        kept = part.stat().st_size if part.exists() else 0
        with self._get(url, kept) as response:
            status = response.status_code
            if kept and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return True  # nothing follows what was kept
            if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise PtbtermError(f"The server answered {_status(status)}.")
            if status == HTTPStatus.OK:
                part.unlink(missing_ok=True)
                kept = 0
            length = response.headers.get("Content-Length", "")
            total = kept + int(length) if re.fullmatch(r"\d{1,18}", length) else None
            self._save(response, part, Transfer(url, kept, total), max_bytes)
        return kept > 0

    @contextmanager
    def _get(self, url: str, kept: int) -> "Iterator[Response]":
        import requests  # noqa: PLC0415 - 90 ms, for those who download

        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={kept}-"} if kept else {})
        seconds = (self.patience.connect_seconds, self.patience.read_seconds)
        with requests.Session() as session:
            try:
                ask = partial(session.get, url, headers=headers, stream=True, timeout=seconds)
                response = _within(self.patience.slow_seconds, ask)
            except TimeoutError as error:  # of an endless answer
                raise PtbtermError(f"No answer within {self.patience.slow_seconds:g} seconds.") from error
            except requests.ConnectTimeout as error:
                raise PtbtermError(f"No connection within {seconds[0]:g} seconds.") from error
            except requests.ReadTimeout as error:
                raise self._stalled() from error
            except (requests.RequestException, ValueError) as error:
                raise PtbtermError(f"No connection: {_reason(error)}.") from error
            with response:
                yield response

    def _save(self, response: "Response", part: Path, progress: Transfer, max_bytes: int) -> None:
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 - a dependency of requests

        try:
            with part.open("ab") as file:
                _check_size(part, progress, max_bytes)
                self.on_progress(progress)
                for piece in self._pieces(response):
                    progress = replace(progress, done_bytes=progress.done_bytes + len(piece))
                    _check_size(part, progress, max_bytes)
                    file.write(piece)
                    file.flush()  # it is kept, whatever happens next
                    self.on_progress(progress)
        except ReadTimeoutError as error:
            raise self._stalled() from error
        except HTTPError as error:
            raise _broken_off(progress) from error
        except ValueError as error:  # such as a negative size of a chunk
            raise PtbtermError("The server's answer is invalid.") from error
        if progress.total_bytes is None:
            self.on_progress(replace(progress, total_bytes=progress.done_bytes))
        elif progress.done_bytes < progress.total_bytes:
            raise _broken_off(progress)

    def _pieces(self, response: "Response") -> Iterator[bytes]:
        """Yield the bytes as they arrive; raises `PtbtermError` if they arrive too slowly."""
        since, arrived = time.monotonic(), 0
        while piece := self._piece(response):
            arrived += len(piece)
            if time.monotonic() - since >= self.patience.slow_seconds:
                if arrived < self.patience.slow_bytes:
                    raise self._too_slow()
                since, arrived = time.monotonic(), 0
            yield piece

    def _piece(self, response: "Response") -> bytes:
        read: Callable[[], bytes] = partial(response.raw.read1, _CHUNK_BYTES, decode_content=False)
        try:
            return _within(self.patience.slow_seconds, read)
        except TimeoutError as error:  # of bytes that belong to no piece, as of an endless size of a chunk
            response.raw.shutdown()  # ends that read: the connection could not be closed before
            raise self._too_slow() from error
        except KeyboardInterrupt:
            response.raw.shutdown()
            raise

    def _too_slow(self) -> PtbtermError:
        limit = self.patience
        return PtbtermError(
            f"The server is too slow: fewer than {limit.slow_bytes:,} bytes in {limit.slow_seconds:g} seconds."
        )

    def _stalled(self) -> PtbtermError:
        return PtbtermError(f"The server sent nothing for {self.patience.read_seconds:g} seconds.")


def _within(seconds: float, call: Callable[[], _T]) -> _T:
    """Return what a call returns; raises `TimeoutError` after `seconds`; its thread continues."""
    outcome: Future[_T] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            outcome.set_exception(error)

    Thread(target=work, daemon=True).start()
    deadline = time.monotonic() + seconds
    while not outcome.done() and time.monotonic() < deadline:
        wait([outcome], _WAIT_SECONDS)  # a signal that arrives just before a wait does not end it
    return outcome.result(0)


def _check_size(part: Path, progress: Transfer, max_bytes: int) -> None:
    size = max(progress.done_bytes, progress.total_bytes or 0)
    if size > max_bytes:
        part.unlink()
        raise PtbtermError(f"The file is too large: {size:,} bytes, more than the limit of {max_bytes:,}.")


def _broken_off(progress: Transfer) -> _BrokenOffError:
    whole = "" if progress.total_bytes is None else f" of {progress.total_bytes:,}"
    return _BrokenOffError(f"The connection broke off after byte {progress.done_bytes:,}{whole}.")


def _status(code: int) -> str:
    """Return code and standard phrase; the server's own words could be anything."""
    return f"{code} {HTTPStatus(code).phrase}" if code in set(HTTPStatus) else str(code)


def _reason(error: BaseException) -> str:
    """Return the operating system's words at the bottom of the chain of causes, if there are any."""
    import requests  # noqa: PLC0415 - imported already

    if isinstance(error, requests.TooManyRedirects):
        return "the server redirects too often"
    cause: BaseException | None = error
    reason = "the address is invalid" if isinstance(error, ValueError) else "the answer is invalid"
    while cause is not None:
        reason = getattr(cause, "strerror", None) or reason
        cause = cause.__cause__ or cause.__context__
    return reason
