"""Files and folders that are either whole or not there, wherever a crash falls."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TEMPORARY = re.compile(r"\..+\.(\d{1,9})\.part", re.DOTALL)


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
