"""SHA-256 sums of files: what decides whether a corpus is the right one, and whole."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ptbterm.files import open_file

PENN_TREEBANK = "d1f43028523a469a269c5396d59ade8fc23563a08dfd279fe1958af2a6f882ba"
"""The fingerprint (`text_files.fingerprint`) of the Penn Treebank: any text may be called so, this is it."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 sum of a file, in hexadecimal."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_intact(path: Path, sha256: str) -> bool:
    """Return whether `path` is a file with that sum."""
    return path.is_file() and sha256_of(path) == sha256


def all_intact(folder: Path, expected: Mapping[str, str]) -> bool:
    """Return whether `folder` holds every file of `expected` (file name -> sum)."""
    return all(is_intact(folder / name, sha256) for name, sha256 in expected.items())
