"""Takes chosen files out of a tar or zip archive that nobody vouches for; writes nothing but these."""

import gzip
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Literal, Protocol, cast

from ptbterm.errors import PtbtermError

_CHUNK_BYTES = 256 * 1024
_MAX_MEMBERS = 10_000
_MAX_BYTES = 512 * 1024**2
_MAX_RATIO = 100
_SMALL_BYTES = 16 * 1024**2
_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,  # zipfile's word for an encrypted member or an unknown compression
)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class _Member:
    name: str
    kind: Literal["file", "folder", "link", "special"]
    open: Callable[[], IO[bytes] | None]
    target: str
    """Where a link leads, seen from the archive's own folder."""


def unpack(archive: Path, names: Collection[str], folder: Path, max_bytes: int) -> None:
    """Write the members of these file names, wherever they lie in the archive, to `folder` under these names.

    Raises `PtbtermError` if the archive can't be read, lacks one of them, would unpack to absurd sizes, or
    has a member that reaches outside the archive's folder or is a device: such an archive is not used at all.
    """
    missing = set(names)
    with _refusing_what_cannot_be_read():
        for number, member in enumerate(_members(archive), 1):
            if number > _MAX_MEMBERS:
                raise PtbtermError(f"The archive has more than {_MAX_MEMBERS:,} members.")
            _refuse_hostile(member)
            name = posixpath.basename(member.name)
            if name in missing and member.kind != "folder":
                _write(member, folder / name, max_bytes)
                missing.remove(name)
    if missing:
        raise PtbtermError(f"The archive does not hold {', '.join(sorted(missing))}.")


def _refuse_hostile(member: _Member) -> None:
    if _reaches_outside(member.name):
        raise PtbtermError(f"The archive is not safe: its member {member.name!r} lies outside its folder.")
    if member.kind == "special":
        raise PtbtermError(f"The archive is not safe: its member {member.name!r} is a device or a pipe.")
    if member.kind == "link" and _reaches_outside(posixpath.normpath(member.target)):
        raise PtbtermError(f"The archive is not safe: its member {member.name!r} is a link to outside.")


def _reaches_outside(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return parts[0] == "" or ".." in parts or re.match(r"[A-Za-z]:", name) is not None


def _write(member: _Member, path: Path, max_bytes: int) -> None:
    source = member.open() if member.kind == "file" else None
    if source is None:
        raise PtbtermError(f"The archive is not safe: its member {member.name!r} is a link, not a file.")
    with source, path.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            if file.tell() + len(chunk) > max_bytes:
                raise PtbtermError(f"The archive's {member.name!r} is larger than {max_bytes:,} bytes.")
            file.write(chunk)


@contextmanager
def _refusing_what_cannot_be_read() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise PtbtermError("The file is not a whole tar or zip archive.") from error


def _members(archive: Path) -> Iterator[_Member]:
    size = archive.stat().st_size
    max_bytes = min(_MAX_BYTES, max(_SMALL_BYTES, _MAX_RATIO * size))
    with archive.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        if magic == b"PK":
            yield from _zip_members(file, max_bytes)
        elif magic == b"\x1f\x8b":
            with gzip.open(file) as unzipped:
                yield from _tar_members(unzipped, max_bytes)
        else:
            yield from _tar_members(file, max_bytes)


def _tar_members(file: _Readable, max_bytes: int) -> Iterator[_Member]:
    stream = cast("IO[bytes]", _Limited(file, max_bytes))
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            folder = posixpath.dirname(info.name) if info.issym() else ""
            target = posixpath.join(folder, info.linkname)
            yield _Member(info.name, _tar_kind(info), partial(archive.extractfile, info), target)


def _tar_kind(info: tarfile.TarInfo) -> Literal["file", "folder", "link", "special"]:
    if info.issym() or info.islnk():
        return "link"
    if info.isdir():
        return "folder"
    return "file" if info.isreg() else "special"


def _zip_members(file: IO[bytes], max_bytes: int) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as archive:
        if sum(info.file_size for info in archive.infolist()) > max_bytes:
            raise _bomb(max_bytes)
        for info in archive.infolist():
            if info.header_offset < 0 or not info.filename:
                raise zipfile.BadZipFile(info.filename)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise PtbtermError(f"The archive's member {info.filename!r} is compressed in an unusual way.")
            kind, target = _zip_kind(info), ""
            if kind == "link":
                with archive.open(info) as link:
                    target = posixpath.join(posixpath.dirname(info.filename), link.read(4096).decode())
            yield _Member(info.filename, kind, partial(archive.open, info), target)


def _zip_kind(info: zipfile.ZipInfo) -> Literal["file", "folder", "link", "special"]:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "link"
    if info.is_dir():
        return "folder"
    return "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "special"


@dataclass
class _Limited:
    """A stream that refuses to give more than `most` bytes: an archive can claim any size, and deliver it."""

    file: _Readable
    most: int
    given: int = 0

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.given += len(data)
        if self.given > self.most:
            raise _bomb(self.most)
        return data


def _bomb(max_bytes: int) -> PtbtermError:
    return PtbtermError(f"The archive would unpack to absurd sizes, over {max_bytes:,} bytes.")
