"""Extracts chosen files from a tar or zip archive, with a limit on their size."""

import gzip
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from ptbterm.errors import PtbtermError

MAX_UNPACKED_BYTES = 2**29
_CHUNK_BYTES = 2**18
_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,  # from zipfile: an encrypted member or an unknown compression
)

_Member = tuple[str, Callable[[], IO[bytes] | None]]
"""A file in an archive: its path there, and how to open it."""


def unpack(
    archive: Path,
    names: Collection[str],
    folder: Path,
    max_file_bytes: int,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
) -> None:
    """Write the files of these names, wherever they are in the archive, to `folder`.

    Raises `PtbtermError` if the archive can't be read, lacks a file, or has one of more than `max_file_bytes`; a
    tar archive also if more than `max_unpacked_bytes` must be read.
    """
    missing = set(names)
    try:
        for path, open_member in _files(archive, max_unpacked_bytes):
            name = PurePosixPath(path).name
            if name in missing and (source := open_member()):
                _write(source, folder / name, max_file_bytes)
                missing.remove(name)
    except _UNREADABLE as error:
        raise PtbtermError("The file is not a complete tar or zip archive.") from error
    if missing:
        raise PtbtermError(f"The archive does not contain {', '.join(sorted(missing))}.")


def _write(source: IO[bytes], path: Path, max_bytes: int) -> None:
    with source, path.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            if file.tell() + len(chunk) > max_bytes:
                raise PtbtermError(f"{path.name} in the archive has more than {max_bytes:,} bytes.")
            file.write(chunk)


def _files(archive: Path, max_bytes: int) -> Iterator[_Member]:
    with archive.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        if magic == b"PK":
            yield from _zip_files(file)
        elif magic == b"\x1f\x8b":
            with gzip.open(file) as tar:
                yield from _tar_files(cast("IO[bytes]", tar), max_bytes)
        else:
            yield from _tar_files(file, max_bytes)


def _tar_files(file: IO[bytes], max_bytes: int) -> Iterator[_Member]:
    with tarfile.open(fileobj=cast("IO[bytes]", _Limited(file, max_bytes)), mode="r|") as archive:
        for info in archive:
            if info.isreg():
                yield info.name, partial(archive.extractfile, info)


def _zip_files(file: IO[bytes]) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.header_offset < 0:
                raise zipfile.BadZipFile(info.filename)
            yield info.filename, partial(archive.open, info)


@dataclass
class _Limited:
    """A stream that gives at most `max_bytes`: tarfile decompresses what it skips, and keeps headers in memory."""

    file: IO[bytes]
    max_bytes: int
    bytes_read: int = 0

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.bytes_read += len(data)
        if self.bytes_read > self.max_bytes:
            raise PtbtermError(f"The archive is too large: more than {self.max_bytes:,} bytes when unpacked.")
        return data
