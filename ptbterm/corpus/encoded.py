"""A corpus as ids, memory-mapped from a cache beside the text; encoded again if text or cache changed."""

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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
_CACHE = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}")


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
    text: CorpusText, settings: CorpusSettings, fallback: Path, format_version: int = FORMAT
) -> EncodedCorpus:
    """Return the corpus as ids, from its cache if that is intact.

    The cache is beside the text, or in `fallback` if that place can't be written to or is a symbolic link; one of
    another `format_version` is not used. Raises `PtbtermError` with file, line and byte if the text is not UTF-8.
    """
    limits = f"{format_version} {settings.vocabulary_size} {settings.minimum_count}"
    name = f"{text.fingerprint[:16]}-{hashlib.sha256(limits.encode()).hexdigest()[:8]}"
    fallback = fallback / hashlib.sha256(text.name.encode()).hexdigest()[:16]
    beside = fallback if _is_linked(text.cache) else text.cache
    for folder in (beside, fallback):
        if _is_intact(folder / name):
            return _open(text, folder / name)
    vocabulary = _count(text, settings)
    try:
        return _write(text, vocabulary, beside / name)
    except OSError:
        return _write(text, vocabulary, fallback / name)


def _is_linked(cache: Path) -> bool:
    """Return whether the cache, or the folder that it is in, is a symbolic link, which may point anywhere."""
    return cache.is_symlink() or cache.parent.is_symlink()


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


def _write(text: CorpusText, vocabulary: Vocabulary, folder: Path) -> EncodedCorpus:
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
    for older in folder.parent.iterdir():
        if _CACHE.fullmatch(older.name) and not older.name.startswith(text.fingerprint[:16]):
            shutil.rmtree(older, ignore_errors=True)
    return _open(text, folder)
