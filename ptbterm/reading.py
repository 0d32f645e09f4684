"""Files that anyone may have written: opened only if they are files, so that no pipe or device can hold us up.

What we write ourselves is made anew beside its place (`atomic`), but for what grows: `open_to_append`.
"""

import os
import stat
import tomllib
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from ptbterm.errors import PtbtermError

MOST_BYTES = 2**30
"""What `read_text` takes into memory at most."""
_BYTE_ORDER_MARK = "\ufeff"


def is_file(path: Path) -> bool:
    """Return whether there is a file of that name, whatever the name."""
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def open_file(path: Path) -> BufferedReader:
    """Open a file to read its bytes; raises `PtbtermError` naming it where it is no file or can't be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for a writer
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unreadable(path, "it is no file")
    return os.fdopen(descriptor, "rb")


def open_to_append(path: Path) -> FileIO:
    """Open a file to read it and to write at its end, without a buffer; it is made where there is none.

    Raises `PtbtermError` naming it where it is a link, which could lead anywhere, or no file; `OSError` otherwise.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if path.is_symlink():
            raise PtbtermError(f"{path} can't be written: it is a link.") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PtbtermError(f"{path} can't be written: it is no file.")
    return FileIO(descriptor, "a+")


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """Return the whole of a UTF-8 text; raises `PtbtermError` like `open_file`, or if it is no such text."""
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > most_bytes:  # to ask for so many would take memory for so many
            raise _unreadable(path, f"it has more than {most_bytes:,} bytes")
        data = file.read()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PtbtermError(
            f"{path} is not UTF-8 text: byte {error.start + 1} is 0x{data[error.start]:02x}."
        ) from error


def decode_line(line: bytes, number: int, name: object) -> str:
    """Return a line of a UTF-8 text, the first without a byte order mark.

    Raises `PtbtermError` naming the text, the line (from 1) and the byte where it is none.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PtbtermError(
            f"{name} is not UTF-8 text: line {number}, byte {error.start + 1} is 0x{line[error.start]:02x}.",
            "Save it as UTF-8, for example with: iconv -f CP1252 -t UTF-8",
        ) from error
    return text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Return a TOML document; raises `PtbtermError` naming `source` if it is none, or has no end to its depth."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise PtbtermError(f"{source} is not valid TOML: it is nested too deeply.") from error
    except ValueError as error:  # what is no TOML, and numbers of thousands of digits
        raise PtbtermError(f"{source} is not valid TOML: {error}.") from error


def _unreadable(path: Path, reason: str) -> PtbtermError:
    return PtbtermError(f"{path} can't be read: {reason}.")
