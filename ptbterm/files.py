"""Every way the program touches a file: reading what anyone may have written, appending, replacing whole files.

A file is opened only if it is a regular file, so that no pipe or device can hold the program up. A new file or
folder is written beside its place and renamed: it is either whole or not there, wherever a crash falls.
"""

import fcntl
import os
import re
import shutil
import stat
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from ptbterm.errors import PtbtermError

MAX_BYTES = 2**30
"""What `read_text` takes into memory at most."""
LOCK_POLL_SECONDS = 0.05
_BYTE_ORDER_MARK = "\ufeff"
_TEMPORARY = re.compile(r"\..+\.(\d{1,9})\.part", re.DOTALL)


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


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Return the whole of a UTF-8 text; raises `PtbtermError` like `open_file`, or if it is no such text."""
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > max_bytes:  # to ask for so many would take memory for so many
            raise _unreadable(path, f"it has more than {max_bytes:,} bytes")
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


@contextmanager
def exclusive_lock(path: Path, seconds: float = 0.0) -> Iterator[None]:
    """Hold an OS lock on a file, which is created if missing and stays; the holder's death frees it.

    Raises `BlockingIOError` if another process still holds it after `seconds`. The library filelock has no way to
    ask about a lock without taking it, and two that ask at once would then see each other.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(LOCK_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Return whether a process holds `exclusive_lock` on a file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _unreadable(path: Path, reason: str) -> PtbtermError:
    return PtbtermError(f"{path} can't be read: {reason}.")


@contextmanager
def replacing(path: Path, *, before: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path beside `path`; what is written there becomes `path` when the block ends well.

    The file that was there is kept as `before`, if that is given; between the two steps there is no `path`.
    """
    temporary = _beside(path)
    temporary.unlink(missing_ok=True)  # a link there would lead elsewhere
    try:
        yield temporary
        flush(temporary)
        if before and path.exists():
            path.replace(before)
        temporary.replace(path)
        flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; when the block ends well, it becomes `path`.

    If another process made `path` meanwhile, its folder stands, ours is dropped, and `FileExistsError` is raised.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for file in (*temporary.rglob("*"), temporary):
            flush(file)
        try:
            temporary.replace(path)
        except OSError as error:
            if path.is_dir():
                raise FileExistsError(error.errno, "Another process has made it", str(path)) from None
            raise
        flush(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def maker_of(temporary: Path) -> int | None:
    """Return the number of the process that made a temporary file or folder here; None if it has no such name."""
    match = _TEMPORARY.fullmatch(temporary.name)
    return int(match[1]) if match else None


def flush(path: Path) -> None:
    """Wait until the disk holds a file's bytes, or a folder's entries."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
