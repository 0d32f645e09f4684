"""Give damaged files to every reader: each reads what is right or refuses it with one sentence.

    python -m tests.torture.fuzz FOLDER --inputs 100000 --seed 1

An input that is neither is kept in FOLDER, with the reader's name, and ends the run.
"""

import argparse
import random
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ptbterm.corpus.encoded import encode_corpus
from ptbterm.corpus.sources import find_corpus
from ptbterm.errors import PtbtermError
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.catalog import create_run
from ptbterm.settings.schema import CorpusSettings
from tests.bad_input.readers import READERS, RECORD_OF_WEIGHTS, WORDS, read_archive
from tests.torture.mutators import MAX_SIZE, mutate

MAX_SECONDS = 2.0
"""Limit of one input; the median needs milliseconds."""
MAX_SENTENCE = 10_000


@dataclass(frozen=True)
class Target:
    """A file to damage, with what reads it. `prepare` puts everything there whole; a refusal mentions `named`."""

    name: str
    file: Path
    valid: bytes
    prepare: Callable[[], object]
    read: Callable[[], object]
    named: str


def targets(folder: Path) -> list[Target]:
    """Return the readers of single files, those of a whole run, and the cache of ids."""
    return [*single_files(folder / "single"), *files_of_a_run(folder), *files_of_the_cache(folder / "cached")]


def single_files(place: Path) -> list[Target]:
    def prepare() -> None:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()

    return [
        Target(
            name,
            place / reader.file,
            reader.valid[:MAX_SIZE],
            prepare,
            partial(reader.read, place / reader.file),
            "" if reader.read is read_archive else reader.file,  # the download names an archive
        )
        for name, reader in READERS.items()
    ]


def files_of_a_run(folder: Path) -> list[Target]:
    run = create_run(folder / "runs", "whole", RECORD_OF_WEIGHTS, "\n".join([*WORDS, ""]))
    run.best_checkpoint.write_bytes(READERS["checkpoint"].valid)
    files = ("settings.toml", "vocabulary.txt", "checkpoints/best.safetensors")
    whole = {run.path / file: (run.path / file).read_bytes() for file in files}

    def load() -> None:
        assert list(load_run(run, device="cpu").vocabulary) == WORDS

    return [
        Target(f"run: {file.name}", file, valid, partial(write, whole), load, "whole")
        for file, valid in whole.items()
    ]


def files_of_the_cache(folder: Path) -> list[Target]:
    """Return the files of cached ids; a damaged cache is made again, so reading never refuses."""
    folder.mkdir()
    text = folder / "news.txt"
    text.write_bytes(READERS["corpus"].valid)

    def encode() -> dict[str, list[int]]:
        found = find_corpus(str(text), folder, lambda _: None, lambda _: None)
        corpus = encode_corpus(found, CorpusSettings(vocabulary_size=20), folder)
        return {split: ids.tolist() for split, ids in corpus.ids.items()}

    expected = encode()
    whole = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file() and file != text}

    def compare() -> None:
        assert encode() == expected

    return [
        Target(f"cache: {file.name}", file, valid, partial(write, whole), compare, "no refusal")
        for file, valid in whole.items()
    ]


def write(files: dict[Path, bytes]) -> None:
    for file, content in files.items():
        file.unlink(missing_ok=True)
        file.write_bytes(content)


@dataclass
class Fuzz:
    """Tries inputs, and counts how they ended."""

    folder: Path
    seed: int

    def __post_init__(self) -> None:
        self._targets = targets(self.folder)
        self._valid = [target.valid for target in self._targets]
        self.read: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.slowest = (0.0, "")

    def try_one(self, number: int) -> None:
        target = self._targets[number % len(self._targets)]
        chance = random.Random(f"{self.seed} {number}")
        data, how = mutate(chance, target.valid, self._valid)
        target.prepare()
        target.file.write_bytes(data)
        begun = time.monotonic()
        try:
            self._read(target)
        except BaseException:
            kept = self.folder / f"failing-{number}"
            kept.write_bytes(data)
            print(f"input {number} of {target.name} ({how}), kept as {kept}:", flush=True)
            raise
        seconds = time.monotonic() - begun
        self.slowest = max(self.slowest, (seconds, f"input {number} of {target.name}"))
        assert seconds < MAX_SECONDS, self.slowest

    def _read(self, target: Target) -> None:
        try:
            target.read()
            self.read[target.name] += 1
        except PtbtermError as error:
            sentence = error.message
            assert target.named in sentence, sentence
            assert sentence.endswith((".", ")")), sentence
            assert len(sentence) < MAX_SENTENCE, sentence
            self.refused[target.name] += 1


def peak() -> int:
    """Return the most memory that this process has held, in MB."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes // (1024 if sys.platform == "linux" else 1024**2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    fuzz, begun = Fuzz(chosen.folder, chosen.seed), time.monotonic()
    warm = min(chosen.inputs, 2_000)
    for number in range(chosen.inputs):
        fuzz.try_one(number)
        if number == warm:
            before = peak()
    for name in sorted(fuzz.read | fuzz.refused):
        print(f"{name:32} read {fuzz.read[name]:6,}  refused {fuzz.refused[name]:6,}")
    print(f"slowest: {fuzz.slowest[0]:.2f} s, {fuzz.slowest[1]}")
    print(f"memory: {before} MB after {warm:,} inputs, {peak()} MB at the end")
    print(f"{chosen.inputs:,} inputs in {time.monotonic() - begun:.0f} s, each read or refused")


if __name__ == "__main__":
    main()
