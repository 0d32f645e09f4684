"""File access for the whole program: reading untrusted files, appending, atomic replacement, locks.

Only regular files are opened, so that a pipe or a device can't block the program. A new file or folder is written
beside its place and renamed: after a crash it is either complete or missing, and a later write removes what the
crash left beside it.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from ptbterm.errors import PtbtermError

MAX_BYTES = 2**30
"""Limit of `read_text`."""
MAX_TOML_BYTES, MAX_TOML_PARTS = 2**15, 500
"""Limits of settings, which have 3 kB and 100 parts: a key of 14,000 parts would take 790 MB to parse."""
LOCK_POLL_SECONDS = 0.05
_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS})
"""Errors of `flock` on a file system without locks, as some network homes are."""
_TOML_TEXT = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:[^"\\\n]++|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
"""Strings and comments, closed or not: so that the time is linear in the length."""
_TEMPORARY = re.compile(r"\..+\.(\d{1,9})\.part", re.DOTALL)
ABANDONED_SECONDS = 3600.0
"""An unfinished file or folder is abandoned after this time, even if another machine was writing it."""


def is_file(path: Path) -> bool:
    """Return whether the file exists; False for a name that is not valid.

    Raises `PtbtermError` if a folder on the way can't be entered, which `Path.is_file` of Python 3.14 takes for a
    missing file.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except PermissionError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (OSError, ValueError):
        return False


def is_at(path: Path, facts: os.stat_result) -> bool:
    """Return whether the file of `facts` is still the one at a path; links are not followed."""
    try:
        return os.path.samestat(path.lstat(), facts)
    except OSError:
        return False


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; raises `PtbtermError` naming it if that fails."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for a writer
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unreadable(path, "it is not a regular file")
    return os.fdopen(descriptor, "rb")


def open_to_append(path: Path) -> FileIO:
    """Open a file for reading and appending, unbuffered; it is created if missing.

    Raises `PtbtermError` naming it if it is a link, which could point anywhere, or not a regular file; `OSError`
    otherwise.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if path.is_symlink():
            raise PtbtermError(
                f"{path} can't be written: it is a symbolic link.",
                "Replace the link with the file that it points to.",
            ) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PtbtermError(f"{path} can't be written: it is not a regular file.", "Move it away.")
    return FileIO(descriptor, "a+")


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Return a whole UTF-8 text; raises `PtbtermError` like `open_file`, or if it is too large or not UTF-8."""
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > max_bytes:
            raise _unreadable(path, f"it is larger than {max_bytes:,} bytes")
        data = file.read()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PtbtermError(
            f"{path} is not UTF-8 text: byte {error.start + 1} is 0x{data[error.start]:02x}."
        ) from error


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Parse the TOML of settings; raises `PtbtermError` naming `source` if it is invalid or much too large."""
    if len(text) > MAX_TOML_BYTES:
        raise PtbtermError(f"{source} is too large for settings: {len(text):,} characters.")
    if _toml_parts(text) > MAX_TOML_PARTS:
        raise PtbtermError(f"{source} is not valid: it has more than {MAX_TOML_PARTS} keys, tables and lists.")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise PtbtermError(f"{source} is not valid TOML: it is nested too deeply.") from error
    except ValueError as error:  # also for numbers of thousands of digits
        raise PtbtermError(f"{source} is not valid TOML: {error}.") from error


def _toml_parts(text: str) -> int:
    """Return at least the number of keys, tables and lists of a TOML document, without a copy of it."""
    parts = start = 0
    for hidden in _TOML_TEXT.finditer(text):
        parts += sum(text.count(sign, start, hidden.start()) for sign in ".=[{")
        start = hidden.end()
    return parts + sum(text.count(sign, start) for sign in ".=[{")


@contextmanager
def exclusive_lock(path: Path, seconds: float = 0.0) -> Iterator[int]:
    """Hold an OS lock on a file, which is created if missing and stays; the holder's death frees it.

    Yields the descriptor. Raises `BlockingIOError` if another process still holds the lock after `seconds`, and
    `PtbtermError` if the file system has no locks. The library filelock has no way to ask about a lock without
    taking it, and two that ask at once would then see each other.
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
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                path.unlink(missing_ok=True)  # nobody can lock it
                raise PtbtermError(
                    f"{path} can't be locked: {error.strerror}. Its file system has no locks.",
                    "Set PTBTERM_HOME to a folder on a local disk.",
                ) from error
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool | None:
    """Return whether a process holds `exclusive_lock` on a file; None if its file system has no locks.

    A link, which that never opens, is not locked.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return None
    finally:
        os.close(descriptor)
    return False


def _unreadable(path: Path, reason: str) -> PtbtermError:
    return PtbtermError(f"{path} can't be read: {reason}.")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an `OSError` name `path`, or a file in it: that of a failed write names none, others a temporary one."""
    try:
        yield
    except OSError as error:
        named = path if error.filename is None else os.fsdecode(error.filename)
        error.filename = str(named).replace(_beside(path).name, path.name)
        raise


@contextmanager
def replacing(path: Path, *, before: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path beside `path`, and rename it to `path` when the block succeeds.

    The old file is kept as `before` if given; between the two renames `path` does not exist. The new file has the
    mode that the umask gives, whatever library writes it. An `OSError` names `path`.
    """
    temporary = _beside(path)
    with _naming(path):
        _remove_abandoned(path.parent)
        temporary.unlink(missing_ok=True)  # it may be a link to elsewhere
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        os.close(descriptor)
        temporary.unlink()
    try:
        with _naming(path):
            yield temporary
            if stat.S_IMODE(temporary.stat().st_mode) != mode:  # safetensors lets only their owner read them
                temporary.chmod(mode)
            flush(temporary)
            if before and path.exists():
                path.replace(before)
            temporary.replace(path)
            flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`, and rename it to `path` when the block succeeds.

    If another process created `path` in the meantime, its folder is kept and `FileExistsError` is raised.
    """
    temporary = _beside(path)
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path.parent)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
    try:
        with _naming(path):
            yield temporary
            for file in (*temporary.rglob("*"), temporary):
                flush(file)
        try:
            temporary.replace(path)
        except OSError as error:
            if path.is_dir():
                raise FileExistsError(error.errno, "Another process has created it", str(path)) from None
            raise
        flush(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    """Remove what killed processes left unfinished in a folder, never through a link."""
    for unfinished in parent.glob(".*.part"):
        if (maker := maker_of(unfinished)) is None or unfinished.is_symlink():
            continue
        import psutil  # noqa: PLC0415 - 30 ms, and there is seldom anything

        with suppress(OSError):
            if psutil.pid_exists(maker) or time.time() - unfinished.stat().st_mtime < ABANDONED_SECONDS:
                continue
            if unfinished.is_dir():
                shutil.rmtree(unfinished, ignore_errors=True)
            else:
                unfinished.unlink()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def maker_of(temporary: Path) -> int | None:
    """Return the id of the process that created a temporary file or folder; None for any other name."""
    match = _TEMPORARY.fullmatch(temporary.name)
    return int(match[1]) if match else None


def flush(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
