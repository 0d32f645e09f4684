"""Text on disk, one sentence per line: the files and lines of each split, and their words."""

import hashlib
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, get_args

from ptbterm.corpus.checksums import sha256_of
from ptbterm.corpus.decoding import decoded_lines
from ptbterm.corpus.marks import END_OF_SENTENCE, without_end
from ptbterm.corpus.reader import AS_IT_STANDS, LineReader
from ptbterm.corpus.text_lines import MAX_LINE_BYTES, text_lines
from ptbterm.corpus.text_reader import TextReader
from ptbterm.corpus.vocabulary import MAX_WORD_CHARACTERS
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import is_file, open_file
from ptbterm.settings.choices import Split

SPLITS: tuple[str, ...] = get_args(Split)

_SPLIT_WORDS = {
    "train": {"train", "training"},
    "valid": {"valid", "validation", "dev", "val"},
    "test": {"test"},
}
MAX_GROWTH = 3
"""Characters that Unicode's composed form makes of one, at most."""


@dataclass(frozen=True)
class TextSplit:
    """The lines of a file from `first_line`, counted from 0, to before `end_line`; None is the file's end."""

    path: Path
    sha256: str
    first_line: int = 0
    end_line: int | None = None

    def lines(self, max_bytes: int = MAX_LINE_BYTES) -> Iterator[str]:
        """Yield the lines of the split, as they stand in the file; raises like `numbered_lines`."""
        return (line for _, line in self.numbered_lines(max_bytes))

    def numbered_lines(self, max_bytes: int = MAX_LINE_BYTES) -> Iterator[tuple[int, str]]:
        """Yield the lines of the split and their numbers in the file, from 1.

        Raises `PtbtermError` with file, line and byte if the text is not UTF-8, if a line has more than
        `max_bytes`, and at the end if the file is not the one of `sha256` because it changed in the meantime.
        """
        end = math.inf if self.end_line is None else self.end_line
        with open_file(self.path) as file:
            hashed = _Hashed(file)
            yield from decoded_lines(text_lines(hashed, self.path, max_bytes), self.path, self.first_line, end)
        if hashed.digest.hexdigest() != self.sha256:
            raise PtbtermError(f"{self.path} changed while it was being read.", "Run the command again.")

    def sentences(self, reader: LineReader | TextReader = AS_IT_STANDS) -> Iterator[list[str]]:
        """Yield the words of each line that has any, with one `<eos>` at the end; raises like `lines`.

        A word of more than `MAX_WORD_CHARACTERS`, which no vocabulary may have, is refused with its line.
        """
        for number, line in self.numbered_lines():
            if words := without_end(reader.words(line), str):
                self._check_words(words, line, number)
                words.append(END_OF_SENTENCE)
                yield words

    def _check_words(self, words: list[str], line: str, number: int) -> None:
        if len(line) > MAX_WORD_CHARACTERS // MAX_GROWTH and max(map(len, words)) > MAX_WORD_CHARACTERS:
            raise PtbtermError(
                f"{self.path}, line {number} has a word of {max(map(len, words)):,} characters; "
                f"the limit is {MAX_WORD_CHARACTERS:,}.",
                "Write spaces between the words, or remove the line.",
            )


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are read, so that what was read is what the sum is of."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self.digest.update(buffer[:read])
        return int(read)


def find_splits(path: Path) -> dict[str, TextSplit]:
    """Return train, valid and test: three files of a folder, or one file split 80/10/10 by lines, in order.

    Raises `PtbtermError` if the path does not exist, or a split is missing, ambiguous or empty.
    """
    if is_file(path):
        splits = _cut(path)
    elif path.is_dir():
        splits = {split: _whole(_split_file(path, split)) for split in SPLITS}
    else:
        raise PtbtermError(
            f"No corpus found at {path}.",
            "Use demo, ptb, a folder with train, valid and test text, or a file.",
        )
    for split, text in splits.items():
        if next(text.sentences(), None) is None:
            raise PtbtermError(f"The {split} split in {text.path} has no words.", "Put one sentence on each line.")
    return splits


def find_split(folder: Path, split: str) -> TextSplit:
    """Return one split of a folder, which need not have the others; raises like `find_splits`."""
    return _whole(_split_file(folder, split))


def one_text(path: Path) -> TextSplit:
    """Return a whole file as one split."""
    return _whole(path)


def fingerprint(splits: dict[str, TextSplit]) -> str:
    """Return the SHA-256 of the splits' checksums and line numbers, which identifies the text."""
    parts = [f"{name} {text.sha256} {text.first_line} {text.end_line}" for name, text in splits.items()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _whole(path: Path) -> TextSplit:
    return TextSplit(path, sha256_of(path))


def _split_file(folder: Path, split: str) -> Path:
    matches = [
        file
        for file in sorted(folder.iterdir())
        if is_file(file)
        and not file.name.startswith(".")
        and _SPLIT_WORDS[split] & set(re.split(r"[._-]", file.name.lower()))
    ]
    if not matches:
        raise PtbtermError(
            f"{folder} has no {split} text.", f"Name it {split}.txt, or use one file, which is split 80/10/10."
        )
    if len(matches) > 1:
        names = " and ".join(file.name for file in matches)
        raise PtbtermError(
            f"{folder} has more than one {split} text: {names}.", "Keep only one of them in the folder."
        )
    return matches[0]


def _cut(path: Path) -> dict[str, TextSplit]:
    whole = _whole(path)
    with open_file(path) as file:
        filled = [number for number, line in enumerate(text_lines(file, path)) if line.strip()]
    if len(filled) < len(SPLITS):
        raise PtbtermError(
            f"Splitting {path} 80/10/10 needs at least 3 lines with words; it has {len(filled)}.",
            next_step=NextStep.SPLIT_SENTENCES,
            file=str(path),
        )
    tenth = max(1, len(filled) // 10)
    valid, test = filled[-2 * tenth], filled[-tenth]
    return {
        "train": TextSplit(path, whole.sha256, 0, valid),
        "valid": TextSplit(path, whole.sha256, valid, test),
        "test": TextSplit(path, whole.sha256, test, None),
    }
