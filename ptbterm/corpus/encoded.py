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

import msgspec
import numpy as np
import numpy.typing as npt

from ptbterm.corpus.checksums import sha256_of
from ptbterm.corpus.corpus_text import text_reader
from ptbterm.corpus.decisions import Decided, decide_minimum_count, decide_tokenizer
from ptbterm.corpus.marks import UNKNOWN
from ptbterm.corpus.reader import LineReader, reader_of
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import SPLITS
from ptbterm.corpus.text_reader import TextReader
from ptbterm.corpus.typed_text import TypedTextReader
from ptbterm.corpus.vocabulary import (
    Vocabulary,
    build_vocabulary,
    read_vocabulary,
    type_of_id,
)
from ptbterm.errors import PtbtermError
from ptbterm.files import new_folder, read_text
from ptbterm.settings.choices import Form
from ptbterm.settings.schema import CorpusSettings

FORMAT = 4
_VOCABULARY, _READING, _SUM = "vocabulary.txt", "reading.json", "sha256"
_CACHE = re.compile(r"[0-9a-f]{32}-[0-9a-f]{8}")
MAX_CACHES = 50


class Reading(msgspec.Struct, frozen=True):
    """How a corpus was read: its settings without `auto`, sentences about them, and the default form of texts.

    `form` is `typed` for a built-in corpus, unless a smaller vocabulary makes reading it so change its words.
    """

    settings: CorpusSettings
    remarks: tuple[str, ...]
    form: Form


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus's text, the vocabulary of its training split, and the ids of each split, memory-mapped."""

    text: CorpusText
    vocabulary: Vocabulary
    ids: Mapping[str, npt.NDArray[np.int32]]
    reading: Reading

    @property
    def reader(self) -> LineReader:
        """The reader of the corpus's lines."""
        return reader_of(self.reading.settings)

    def text_reader(self) -> TextReader:
        """Return the reader of texts for a model of this corpus."""
        return text_reader(self.reading.settings, self.vocabulary, self.reading.form)

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
    folder = _folder(text, settings, caches, format_version)
    if not caches.is_symlink() and _is_intact(folder):
        with suppress(OSError):
            os.utime(folder)  # used now
        return _open(text, folder)
    vocabulary, decided = _count(text, settings)
    try:
        if caches.is_symlink():  # it may point anywhere
            raise NotADirectoryError(caches)
        caches.mkdir(parents=True, exist_ok=True)
        _write(text, vocabulary, decided, folder)
    except OSError:
        with TemporaryDirectory(prefix="ptbterm-ids-") as temporary:
            _write(text, vocabulary, decided, Path(temporary) / folder.name)
            return _open(text, Path(temporary) / folder.name)  # mapped files outlive their names
    resolved = _folder(text, decided.settings, caches, format_version)
    if resolved != folder:
        with suppress(OSError):
            resolved.symlink_to(folder.name)  # the run's own settings, without auto, find the same ids
    _delete_oldest(caches)
    return _open(text, folder)


def _folder(text: CorpusText, settings: CorpusSettings, caches: Path, format_version: int) -> Path:
    limits = f"{format_version} {msgspec.structs.replace(settings, source='')}"
    return caches / f"{text.fingerprint[:32]}-{hashlib.sha256(limits.encode()).hexdigest()[:8]}"


def _is_intact(folder: Path) -> bool:
    """Return whether a cache exists and has the checksum that was written with it."""
    try:
        return read_text(folder / _SUM, max_bytes=1_000) == _sum(folder)
    except PtbtermError:
        return False


def _sum(folder: Path) -> str:
    files = (_VOCABULARY, _READING, *(f"{split}.ids" for split in SPLITS))
    return hashlib.sha256("".join(sha256_of(folder / file) for file in files).encode()).hexdigest()


def _open(text: CorpusText, folder: Path) -> EncodedCorpus:
    ids = {split: np.memmap(folder / f"{split}.ids", dtype=type_of_id, mode="r") for split in SPLITS}
    reading = msgspec.json.decode(read_text(folder / _READING), type=Reading)
    return EncodedCorpus(text, read_vocabulary(folder / _VOCABULARY), ids, reading)


def _count(text: CorpusText, requested: CorpusSettings) -> tuple[Vocabulary, Decided]:
    """Return the vocabulary of the training text, and how it is read."""
    by_text = decide_tokenizer(text, requested)
    reader, counts = reader_of(by_text.settings), Counter[str]()
    for words in text.splits["train"].sentences(reader):
        counts.update(words)
    decided = decide_minimum_count(text, counts, by_text)
    settings = decided.settings
    return build_vocabulary(counts, settings.vocabulary_size, settings.minimum_count), decided


def _default_form(text: CorpusText, vocabulary: Vocabulary, outside: set[str]) -> Form:
    """Return `typed` for a built-in corpus if reading it as typed text changes no word of it, else `corpus`."""
    if text.is_own:
        return "corpus"
    typed = TypedTextReader(vocabulary)
    return "typed" if all(typed.words(word) == [UNKNOWN] for word in outside) else "corpus"


def _write(text: CorpusText, vocabulary: Vocabulary, decided: Decided, folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    with suppress(FileExistsError), new_folder(folder) as temporary:
        words = temporary / _VOCABULARY
        words.write_text(vocabulary.as_text(), encoding="utf-8", newline="\n")
        reader, outside = reader_of(decided.settings), set[str]()
        for split in SPLITS:
            with (temporary / f"{split}.ids").open("wb") as file:
                for chunk in vocabulary.encode(text.splits[split].sentences(reader), outside):
                    file.write(chunk.tobytes())
        reading = Reading(decided.settings, decided.remarks, _default_form(text, vocabulary, outside))
        (temporary / _READING).write_bytes(msgspec.json.encode(reading))
        (temporary / _SUM).write_text(_sum(temporary), encoding="ascii")


def _delete_oldest(caches: Path) -> None:
    """Keep the caches that were used last, and the links to them."""
    with suppress(OSError):
        named = [folder for folder in caches.iterdir() if _CACHE.fullmatch(folder.name)]
        used = [folder for folder in named if not folder.is_symlink()]
        for folder in sorted(used, key=lambda folder: folder.lstat().st_mtime)[:-MAX_CACHES]:
            shutil.rmtree(folder, ignore_errors=True)
        for folder in named:
            if not folder.exists():
                folder.unlink(missing_ok=True)
