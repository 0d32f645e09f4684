"""A corpus as ids, memory-mapped from a cache; encoded again if the text or the cache changed."""

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from ptbterm.corpus.checksums import sha256_of
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import SPLITS
from ptbterm.corpus.vocabulary import (
    Vocabulary,
    build_vocabulary,
    read_vocabulary,
    type_of_id,
)
from ptbterm.errors import PtbtermError
from ptbterm.files import new_folder, read_text
from ptbterm.settings.schema import CorpusSettings

FORMAT = 2
_VOCABULARY, _SUM = "vocabulary.txt", "sha256"
_CACHE = re.compile(r"[0-9a-f]{32}-[0-9a-f]{8}")
MAX_CACHES = 50


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus's text, the vocabulary of its training split, and the ids of each split, memory-mapped."""

    text: CorpusText
    vocabulary: Vocabulary
    ids: Mapping[str, npt.NDArray[np.int32]]

    def unknown_share(self, split: str) -> float:
        """Return the fraction of `<unk>` among the words of a split, 0 to 1."""
        return float(np.mean(self.ids[split] == self.vocabulary.unknown_id))


def encode_corpus(
    text: CorpusText, settings: CorpusSettings, caches: Path, format_version: int = FORMAT
) -> EncodedCorpus:
    """Return the corpus as ids, from its cache in the folder `caches` if that is intact.

    Where `caches` can't be written, the ids live in a temporary folder that is already deleted. A cache of another
    `format_version` is not used. Raises `PtbtermError` with file, line and byte if the text is not UTF-8, or if it
    changes while it is read.
    """
    limits = f"{format_version} {settings.vocabulary_size} {settings.minimum_count}"
    folder = caches / f"{text.fingerprint[:32]}-{hashlib.sha256(limits.encode()).hexdigest()[:8]}"
    if not caches.is_symlink() and _is_intact(folder):
        with suppress(OSError):
            os.utime(folder)  # used now
        return _open(text, folder)
    vocabulary = _count(text, settings)
    try:
        if caches.is_symlink():  # it may point anywhere
            raise NotADirectoryError(caches)
        caches.mkdir(parents=True, exist_ok=True)
        _write(text, vocabulary, folder)
    except OSError:
        with TemporaryDirectory(prefix="ptbterm-ids-") as temporary:
            _write(text, vocabulary, Path(temporary) / folder.name)
            return _open(text, Path(temporary) / folder.name)  # mapped files outlive their names
    _delete_oldest(caches)
    return _open(text, folder)


def _is_intact(folder: Path) -> bool:
    """Return whether a cache exists and has the checksum that was written with it."""
    try:
        return read_text(folder / _SUM, max_bytes=1_000) == _sum(folder)
    except PtbtermError:
        return False


def _sum(folder: Path) -> str:
    files = (_VOCABULARY, *(f"{split}.ids" for split in SPLITS))
    return hashlib.sha256("".join(sha256_of(folder / file) for file in files).encode()).hexdigest()


def _open(text: CorpusText, folder: Path) -> EncodedCorpus:
    ids = {split: np.memmap(folder / f"{split}.ids", dtype=type_of_id, mode="r") for split in SPLITS}
    return EncodedCorpus(text, read_vocabulary(folder / _VOCABULARY), ids)


def _count(text: CorpusText, settings: CorpusSettings) -> Vocabulary:
    counts: Counter[str] = Counter()
    for words in text.splits["train"].sentences():
        counts.update(words)
    return build_vocabulary(counts, settings.vocabulary_size, settings.minimum_count)


def _write(text: CorpusText, vocabulary: Vocabulary, folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    with suppress(FileExistsError), new_folder(folder) as temporary:
        words = temporary / _VOCABULARY
        words.write_text(vocabulary.as_text(), encoding="utf-8", newline="\n")
        for split in SPLITS:
            with (temporary / f"{split}.ids").open("wb") as file:
                for chunk in vocabulary.encode(text.splits[split].sentences()):
                    file.write(chunk.tobytes())
        (temporary / _SUM).write_text(_sum(temporary), encoding="ascii")


def _delete_oldest(caches: Path) -> None:
    """Keep the caches that were used last."""
    with suppress(OSError):
        used = [folder for folder in caches.iterdir() if _CACHE.fullmatch(folder.name)]
        for folder in sorted(used, key=lambda folder: folder.lstat().st_mtime)[:-MAX_CACHES]:
            shutil.rmtree(folder, ignore_errors=True)
