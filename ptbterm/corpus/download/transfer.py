"""One file over HTTP: received into a part file that a later attempt, or a later process, goes on from."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from ptbterm.errors import PtbtermError
from ptbterm.files import replacing

if TYPE_CHECKING:
    from requests import Response

_CHUNK_BYTES = 64 * 1024
_MAX_REDIRECTS = 5


@dataclass(frozen=True)
class Transfer:
    """How far one file is; `done_bytes` counts what earlier attempts brought, too."""

    url: str
    done_bytes: int
    total_bytes: int | None

    @property
    def name(self) -> str:
        """The file's name: the last part of the URL's path."""
        return _name(self.url)


@dataclass(frozen=True)
class Patience:
    """How long a server may keep us waiting, and how often a connection may break in the middle."""

    connect_seconds: float = 5
    read_seconds: float = 30
    retries: int = 3
    pause_seconds: float = 1


@dataclass(frozen=True)
class Part:
    """What has come of a file so far, and the validator that tells whether the server still has that file."""

    path: Path

    @classmethod
    def of(cls, url: str, folder: Path) -> "Part":
        """Return the part of `url` in `folder`: always the same one for the same URL."""
        digest = hashlib.sha256(url.encode(errors="surrogateescape")).hexdigest()
        return cls(folder / f"{digest[:16]}.part")

    def size(self) -> int:
        """Return the number of bytes received so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def validator(self) -> str:
        """Return the server's mark of this version of the file; empty if it gave none."""
        return self._sidecar.read_text("utf-8") if self._sidecar.exists() else ""

    def start_again(self, validator: str) -> None:
        """Drop the bytes and remember the validator of those that come next."""
        self.discard()
        with replacing(self._sidecar) as file:
            file.write_text(validator, "utf-8")

    def discard(self) -> None:
        """Drop bytes and validator."""
        self.path.unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)

    @property
    def _sidecar(self) -> Path:
        return self.path.with_suffix(".validator")


@dataclass(frozen=True)
class Fetcher:
    """Brings files over HTTP, going on from their parts."""

    on_progress: Callable[[Transfer], None]
    patience: Patience = field(default_factory=Patience)

    def fetch(self, url: str, part: Part, max_bytes: int) -> bool:
        """Bring the whole of `url` into `part`; return whether bytes of an earlier connection were kept.

        Raises `PtbtermError` if there is no connection, no such file, nothing comes, more than `max_bytes`
        would come, or the connection breaks too often. The part stays, unless it is of no use.
        """
        retries_left = self.patience.retries
        while True:
            try:
                return self._go_on(url, part, max_bytes)
            except _BrokenOffError:
                if not retries_left:
                    raise
            retries_left -= 1
            time.sleep(self.patience.pause_seconds)

    def _go_on(self, url: str, part: Part, max_bytes: int) -> bool:
        have = part.size()
        with self._ask(url, have, part.validator()) as response:
            start, total = _span(response)
            status = response.status_code
            if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and total == have > 0:
                return True
            if status == HTTPStatus.OK:
                part.start_again(_validator(response))
            elif status not in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
                raise PtbtermError(f"The server answered {_status(status)}.")
            elif start != have:
                part.discard()
                raise _BrokenOffError("The server did not go on from where the file had broken off.")
            _refuse_compressed(url, response)
            self._receive(response, part, _Size(total, max_bytes), url)
        return start == have > 0

    def _ask(self, url: str, have: int, validator: str) -> "Response":
        import requests  # noqa: PLC0415 - 90 ms, for those who download

        if not url.lower().startswith(("http://", "https://")):
            raise PtbtermError("The address does not begin with http:// or https://.")
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if validator:
                headers["If-Range"] = validator
        patience = (self.patience.connect_seconds, self.patience.read_seconds)
        try:
            with requests.Session() as session:
                session.max_redirects = _MAX_REDIRECTS
                return session.get(url, headers=headers, stream=True, timeout=patience)
        except requests.ConnectTimeout as error:
            raise PtbtermError(f"No connection within {patience[0]:g} seconds.") from error
        except requests.ReadTimeout as error:
            raise self._stalled() from error
        except requests.TooManyRedirects as error:
            raise PtbtermError(f"The server redirects more than {_MAX_REDIRECTS} times.") from error
        except (requests.RequestException, UnicodeError) as error:
            raise PtbtermError(_why_no_connection(error)) from error

    def _receive(self, response: "Response", part: Part, size: "_Size", url: str) -> None:
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 - comes with requests

        done = part.size()
        try:
            with part.path.open("ab") as file:
                size.check(done)
                self.on_progress(Transfer(url, done, size.total))
                for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
                    done += len(chunk)
                    size.check(done)
                    file.write(chunk)
                    self.on_progress(Transfer(url, done, size.total))
        except ReadTimeoutError as error:
            raise self._stalled() from error
        except HTTPError as error:
            raise _BrokenOffError(_broke_off(done, size.total)) from error
        except _TooLargeError:
            part.discard()
            raise
        if size.total is None:
            self.on_progress(Transfer(url, done, done))
        elif done < size.total:
            raise _BrokenOffError(_broke_off(done, size.total))

    def _stalled(self) -> PtbtermError:
        return PtbtermError(f"The server sent nothing for {self.patience.read_seconds:g} seconds.")


class _BrokenOffError(PtbtermError):
    """The connection ended before the file did."""


class _TooLargeError(PtbtermError):
    """The file is, or claims to be, larger than such a file can be."""


@dataclass(frozen=True)
class _Size:
    total: int | None
    most: int

    def check(self, done: int) -> None:
        size = max(done, self.total or 0)
        if size > self.most:
            raise _TooLargeError(f"The file is too large: {size:,} bytes, where at most {self.most:,} make sense.")


def _span(response: "Response") -> tuple[int | None, int | None]:
    """Return where the bytes of the answer begin in the file, and the size of the whole file."""
    if response.status_code == HTTPStatus.OK:
        length = re.fullmatch(r"\d{1,18}", response.headers.get("Content-Length", ""))
        return 0, int(length[0]) if length else None
    span = re.fullmatch(
        r"bytes (?:(\d{1,18})-\d+|\*)/(?:(\d{1,18})|\*)", response.headers.get("Content-Range", "")
    )
    start, total = span.groups() if span else (None, None)
    return int(start) if start else None, int(total) if total else None


def _validator(response: "Response") -> str:
    """Return the strong ETag, else the date; a weak ETag can't vouch for single bytes."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _refuse_compressed(url: str, response: "Response") -> None:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity" and not _name(url).endswith("gz"):  # servers call a stored .tgz encoded, rightly
        raise PtbtermError("The server sends the file compressed, though asked to send it as it is.")


def _status(code: int) -> str:
    """Return code and standard phrase: the server's own words are not shown."""
    return f"{code} {HTTPStatus(code).phrase}" if code in set(HTTPStatus) else str(code)


def _broke_off(done: int, total: int | None) -> str:
    whole = f" of {total:,}" if total is not None else ""
    return f"The connection broke off after {done:,}{whole} bytes."


def _why_no_connection(error: BaseException) -> str:
    """Return the operating system's own words at the bottom of the chain of causes, if there are any."""
    cause: BaseException | None = error
    reason = ""
    while cause is not None:
        reason = getattr(cause, "strerror", None) or reason
        cause = cause.__cause__ or cause.__context__
    return f"No connection: {reason}." if reason else "No connection: the address or the answer makes no sense."


def _name(url: str) -> str:
    return re.split(r"[?#]", url)[0].rstrip("/").rpartition("/")[2]
