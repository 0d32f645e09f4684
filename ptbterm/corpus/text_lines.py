"""The lines of a text file: decompressed, with any line end; what is not text is refused by its first bytes."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from ptbterm.corpus.file_kinds import kind_of
from ptbterm.errors import PtbtermError

MAX_LINE_BYTES = 2**20
"""A longer line is refused: the file has something other than sentences."""
_PEEKED = 512
_BLOCK = 2**18

_COMPRESSED: dict[bytes, tuple[Callable[[BinaryIO], Any], str]] = {
    b"\x1f\x8b": (gzip.open, "gzip"),
    b"BZh": (bz2.open, "bzip2"),
    b"\xfd7zXZ\x00": (lzma.open, "xz"),
}


def text_lines(stream: BinaryIO | io.RawIOBase, name: object, max_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes]:
    """Yield the lines of a text with their ends (LF, CRLF or CR); gzip, bzip2 and xz are decompressed.

    `name` is for messages. Raises `PtbtermError` for a file of another kind, saying which, for damaged compressed
    data, and for a line that is longer than `max_bytes`.
    """
    plain = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    start = plain.peek(_PEEKED)[:_PEEKED]
    number = 0
    try:
        if opened := _compression(start):
            opener, program = opened
            plain = io.BufferedReader(opener(plain))
            start = plain.peek(_PEEKED)[:_PEEKED]
            if _compression(start):
                raise PtbtermError(
                    f"{name} is not UTF-8 text: it is compressed twice.",
                    f"Decompress it once: {program} -dc FILE > NEW",
                )
        if kind := kind_of(start):
            raise PtbtermError(f"{name} is not UTF-8 text: it is {kind[0]}.", kind[1])
        for line in _split(plain, name, max_bytes):
            number += 1
            yield line
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise _damaged(name, number, str(error)) from error
    except OSError as error:
        if error.errno is not None:  # of the file system, not of the decompressor
            raise
        raise _damaged(name, number, str(error)) from error


def _compression(start: bytes) -> tuple[Callable[[BinaryIO], Any], str] | None:
    return next((opened for sign, opened in _COMPRESSED.items() if start.startswith(sign)), None)


def _damaged(name: object, number: int, reason: str) -> PtbtermError:
    return PtbtermError(f"{name} is damaged compressed data after line {number}: {reason}.")


def _split(stream: io.BufferedReader, name: object, max_bytes: int) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = number = 0
    while block := stream.read1(_BLOCK):
        if block.endswith(b"\r"):
            block += stream.read(1)  # its LF
        for line in block.splitlines(keepends=True):
            size += len(line)
            if size > max_bytes:
                raise PtbtermError(
                    f"{name} has more than {max_bytes:,} bytes in line {number + 1}.",
                    "Put one sentence on each line, or cut lines at spaces: fold -s -w 1000 FILE > NEW",
                )
            if not line.endswith((b"\n", b"\r")):
                parts.append(line)
                continue
            yield b"".join([*parts, line]) if parts else line
            parts, size, number = [], 0, number + 1
    if parts:
        yield b"".join(parts)
