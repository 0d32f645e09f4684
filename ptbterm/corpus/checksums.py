"""SHA-256 sums of files: whether a corpus is complete and unchanged."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ptbterm.files import is_file, open_file


def sha256_of(path: Path) -> str:
    """Return the SHA-256 sum of a file, in hexadecimal."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_intact(path: Path, sha256: str) -> bool:
    """Return whether `path` is a file with that sum."""
    return is_file(path) and sha256_of(path) == sha256


def all_intact(folder: Path, sums: Mapping[str, str]) -> bool:
    """Return whether `folder` holds every file of `sums` (file name -> sum)."""
    return all(is_intact(folder / name, sha256) for name, sha256 in sums.items())
