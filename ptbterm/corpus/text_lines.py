"""The lines of a text file: decompressed, with any line end; what is not text is refused by its first bytes."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from ptbterm.errors import PtbtermError

MAX_LINE_BYTES = 2**20
"""A longer line is refused: the file has something other than sentences."""
_PEEKED = 512
_BLOCK = 2**18

_AS_TEXT = "Save it as plain text in UTF-8."
_OFFICE = "Save the document as plain text, or the table as CSV, in UTF-8."
_UTF = "Convert it, for example with: iconv -f {0} -t UTF-8 FILE > NEW"
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32 text", _UTF.format("UTF-32")),
    (b"\x00\x00\xfe\xff", "UTF-32 text", _UTF.format("UTF-32")),
    (b"\xff\xfe", "UTF-16 text", _UTF.format("UTF-16")),
    (b"\xfe\xff", "UTF-16 text", _UTF.format("UTF-16")),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Decompress it: zstd -d FILE"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "Decompress it: lz4 -d FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Extract the text from it."),
    (
        b"PK\x03\x04",
        "a ZIP archive, or a file of Word, Excel or LibreOffice",
        f"Extract the text from it. {_OFFICE}",
    ),
    (b"\xd0\xcf\x11\xe0", "a file of Word or Excel", _OFFICE),
    (b"{\\rtf", "an RTF document", _AS_TEXT),
    (b"%PDF-", "a PDF file", "Convert it, for example with: pdftotext FILE text.txt"),
    (b"PAR1", "a Parquet table", "Save it as CSV in UTF-8."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the text as CSV in UTF-8."),
)
"""First bytes, what they begin, and what to do with it."""
_ZEROS = {"UTF-32LE": "0111", "UTF-32BE": "1110", "UTF-16LE": "0101", "UTF-16BE": "1010"}
"""Which of four bytes in a row are zero in ASCII text."""
_TAR = (257, b"ustar")
_COMPRESSED: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


def text_lines(stream: BinaryIO | io.RawIOBase, name: object, max_bytes: int | None = None) -> Iterator[bytes]:
    """Yield the lines of a text with their ends (LF, CRLF or CR); gzip, bzip2 and xz are decompressed.

    `name` is for messages. Raises `PtbtermError` for a file of another kind, saying which, for damaged compressed
    data, and for a line that is longer than `max_bytes`.
    """
    plain = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    start = plain.peek(_PEEKED)[:_PEEKED]
    number = 0
    try:
        for sign, decompressed in _COMPRESSED.items():
            if start.startswith(sign):
                plain = io.BufferedReader(decompressed(plain))
                start = plain.peek(_PEEKED)[:_PEEKED]
        _check_kind(start, name)
        for line in _split(plain, name, max_bytes):
            number += 1
            yield line
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise _damaged(name, number, str(error)) from error
    except OSError as error:
        if error.errno is not None:  # of the file system, not of the decompressor
            raise
        raise _damaged(name, number, str(error)) from error


def _damaged(name: object, number: int, reason: str) -> PtbtermError:
    return PtbtermError(f"{name} is damaged compressed data after line {number}: {reason}.")


def _check_kind(start: bytes, name: object) -> None:
    """Raise `PtbtermError` for a file that is not UTF-8 text, by its first bytes."""
    kinds = [(kind, advice) for sign, kind, advice in _REFUSED if start.startswith(sign)]
    if start[_TAR[0] :].startswith(_TAR[1]):
        kinds.append(("a tar archive", "Extract the text from it: tar -xf FILE"))
    if not kinds and b"\x00" in start:
        kinds.append(_with_zeros(start))
    for kind, advice in kinds[:1]:
        raise PtbtermError(f"{name} is not UTF-8 text: it is {kind}.", advice)


def _with_zeros(start: bytes) -> tuple[str, str]:
    """Return the kind of a file with NUL bytes: mostly ASCII in 2 or 4 bytes a character, or no text."""
    counts = [start[place::4].count(0) for place in range(4)]
    quarter = max(1, len(start) // 4)
    few, many = quarter // 10, quarter // 2
    for encoding, zeros in _ZEROS.items():
        if all(count > many if zero == "1" else count <= few for count, zero in zip(counts, zeros, strict=True)):
            return f"{encoding[:6]} text", _UTF.format(encoding)
    return f"a binary file, with a NUL byte at byte {start.index(0) + 1}", _AS_TEXT


def _split(stream: io.BufferedReader, name: object, max_bytes: int | None) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = number = 0
    while block := stream.read1(_BLOCK):
        if block.endswith(b"\r"):
            block += stream.read(1)  # its LF
        for line in block.splitlines(keepends=True):
            size += len(line)
            if max_bytes is not None and size > max_bytes:
                raise PtbtermError(
                    f"{name} has more than {max_bytes:,} bytes in line {number + 1}.",
                    "Put one sentence on each line.",
                )
            if not line.endswith((b"\n", b"\r")):
                parts.append(line)
                continue
            yield b"".join([*parts, line]) if parts else line
            parts, size, number = [], 0, number + 1
    if parts:
        yield b"".join(parts)
