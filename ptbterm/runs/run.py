"""A run directory: its name, its files, how it is made and found again."""

import difflib
import hashlib
import os
import re
import secrets
import shutil
import string
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import psutil
import tomli_w
from msgspec import Struct

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import is_file, maker_of, new_folder, parse_toml, read_text, replacing
from ptbterm.settings.schema import CorpusSettings, ModelSettings, Settings, TrainingSettings
from ptbterm.version import __version__

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SAFETENSORS_TEMPORARY = re.compile(r"\.tmp[A-Za-z0-9]{6}")

MAKING_SECONDS = 3600.0
"""A new run that nobody has touched for so long is being made by nobody, on no machine."""

FORMAT: Literal[1] = 1
"""The version of settings.toml."""


class RunFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run was made from and with: what a later reader needs to trust or repeat it.

    `vocabulary_sha256` is the sum of vocabulary.txt; it is empty in runs that were made before there was one.
    """

    created: str
    corpus: str
    corpus_fingerprint: str
    vocabulary_size: int
    vocabulary_sha256: str = ""
    device: str
    threads: int
    ptbterm: str
    torch: str
    python: str
    platform: str
    adapted_from: str = ""


class RunRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of settings.toml: every resolved setting, and the facts of the run."""

    version: Literal[1] = FORMAT
    preset: str
    corpus: CorpusSettings
    model: ModelSettings
    training: TrainingSettings
    run: RunFacts

    @property
    def settings(self) -> Settings:
        """The settings alone."""
        return Settings(corpus=self.corpus, model=self.model, training=self.training)


@dataclass(frozen=True)
class Run:
    """A run directory; nothing is read until asked for."""

    path: Path

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def settings_file(self) -> Path:
        """Every resolved setting, and what the run was made from and with."""
        return self.path / "settings.toml"

    @property
    def vocabulary_file(self) -> Path:
        """One word a line; the line's number, from 0, is the id."""
        return self.path / "vocabulary.txt"

    @property
    def word_counts_file(self) -> Path:
        """How often each word of the vocabulary is in the training text, a number a line."""
        return self.path / "word_counts.txt"

    @property
    def events_file(self) -> Path:
        """One event a line, append-only."""
        return self.path / "events.jsonl"

    @property
    def log_file(self) -> Path:
        """What a detached trainer prints."""
        return self.path / "trainer.log"

    @property
    def lock_file(self) -> Path:
        """Locked by the trainer for as long as it lives."""
        return self.path / "trainer.lock"

    @property
    def trainer_file(self) -> Path:
        """Which process the trainer is, or was."""
        return self.path / "trainer.json"

    @property
    def last_checkpoint(self) -> Path:
        """Weights and training state to go on from."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def previous_checkpoint(self) -> Path:
        """What was the last checkpoint before the last was written: to fall back to."""
        return self.path / "checkpoints" / "previous.safetensors"

    @property
    def damaged_checkpoint(self) -> Path:
        """What was found damaged in place of the last checkpoint."""
        return self.path / "checkpoints" / "damaged.safetensors"

    @property
    def best_checkpoint(self) -> Path:
        """The same, at the end of the epoch with the lowest valid perplexity."""
        return self.path / "checkpoints" / "best.safetensors"

    def checkpoint_to_use(self) -> Path:
        """Return the best checkpoint, else the last; raises `PtbtermError` if there is none."""
        for file in (self.best_checkpoint, self.last_checkpoint, self.previous_checkpoint):
            if file.is_file():
                return file
        raise PtbtermError(f"Run {self.name} has no checkpoint yet.", next_step=NextStep.RESUME, run=self.name)

    def refuse_linked_checkpoints(self) -> None:
        """Raise `PtbtermError` if checkpoints/ is a link: what is written there would replace files elsewhere."""
        folder = self.last_checkpoint.parent
        if folder.is_symlink():
            raise PtbtermError(
                f"{folder} is a symbolic link; training would write to where it points.",
                "Replace it with the folder itself.",
            )

    def remove_leftovers(self) -> None:
        """Remove the files that killed processes have half written; only the trainer may."""
        for file in (*self.path.glob(".*"), *self.last_checkpoint.parent.glob(".*")):
            ours = maker_of(file) is not None or _SAFETENSORS_TEMPORARY.fullmatch(file.name)
            if ours and file.is_file() and not file.is_symlink():
                file.unlink()

    def read_record(self) -> RunRecord:
        """Read settings.toml; raises `PtbtermError` if it is missing, damaged or of a later version."""
        document = parse_toml(read_text(self.settings_file), str(self.settings_file))
        if document.get("version") != FORMAT:
            raise self._of_another_version(document)
        try:
            return msgspec.convert(document, RunRecord)
        except msgspec.ValidationError as error:
            raise PtbtermError(f"{self.settings_file} can't be used: {error}.") from error

    def _of_another_version(self, document: Mapping[str, Any]) -> PtbtermError:
        facts = document.get("run")
        writer = facts.get("ptbterm") if isinstance(facts, dict) else None
        version = writer if isinstance(writer, str) else "of an unknown version"
        return PtbtermError(
            f"{self.settings_file} was written by ptbterm {version} and is not in format {FORMAT}, "
            f"the one that ptbterm {__version__} reads.",
            next_step=NextStep.RETRAIN,
            settings_file=str(self.settings_file),
        )

    def write_record(self, record: RunRecord) -> None:
        """Write settings.toml, atomically; raises `PtbtermError`, and leaves the one before, where it can't be."""
        text = tomli_w.dumps(msgspec.to_builtins(record))
        try:
            with replacing(self.settings_file) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise PtbtermError(f"{self.settings_file} can't be written: {error.strerror}.") from error


def utc_now() -> str:
    """Return the time, as `RunFacts.created` has it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def run_name(preset: str, corpus: str, today: date) -> str:
    """Return a new name such as small-ptb-2026-11-23-k3f9; `corpus` is demo, ptb or a path."""
    ending = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(4))
    parts = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-")[:30] for part in (preset, Path(corpus).stem))
    return "-".join([*filter(None, parts), today.isoformat(), ending])


def new_place(runs: Path, name: str) -> Run:
    """Return the run of that name, not made yet; raises `PtbtermError` if the name is taken or no good."""
    if not _NAME.fullmatch(name):
        raise PtbtermError(
            f"{name!r} is not a valid name for a run.",
            "Use at most 100 letters, digits, dots, dashes and underscores, starting with a letter or digit.",
        )
    run = Run(runs / name)
    if run.path.exists():
        raise _taken(name)
    return run


def _taken(name: str) -> PtbtermError:
    return PtbtermError(f"A run named {name} already exists.", next_step=NextStep.RESUME, run=name)


def create_run(runs: Path, name: str, record: RunRecord, vocabulary: str, word_counts: Iterable[int] = ()) -> Run:
    """Make the directory of a new run, whole or not at all; `vocabulary` is the text of vocabulary.txt.

    `word_counts` says how often each of its words is in the training text. The vocabulary's sum goes into the
    record, which ties the two files together. Raises what `new_place` raises, also where another process makes a
    run of that name at the same moment.
    """
    run = new_place(runs, name)
    _remove_half_made(runs)
    text = vocabulary.encode()
    facts = msgspec.structs.replace(record.run, vocabulary_sha256=hashlib.sha256(text).hexdigest())
    try:
        with new_folder(run.path) as temporary:
            new = Run(temporary)
            new.last_checkpoint.parent.mkdir()
            new.write_record(msgspec.structs.replace(record, run=facts))
            new.vocabulary_file.write_bytes(text)
            new.word_counts_file.write_text("".join(f"{count}\n" for count in word_counts), encoding="utf-8")
    except FileExistsError:
        raise _taken(name) from None
    return run


def _remove_half_made(runs: Path) -> None:
    """Remove what killed processes have left of new runs, never through a link."""
    for folder in runs.glob(".*"):
        maker = maker_of(folder)
        if maker is None or psutil.pid_exists(maker) or folder.is_symlink():
            continue
        if time.time() - _modified(folder) > MAKING_SECONDS:  # its maker may be on another machine
            shutil.rmtree(folder, ignore_errors=True)


def list_runs(runs: Path) -> list[Run]:
    """Return the runs in a folder, sorted by name; what a killed process left half made is none.

    A folder that nobody may look into is one: who reads it learns why that can't be done.
    """
    if not runs.is_dir():
        return []
    found = (Run(path) for path in sorted(runs.iterdir()) if not path.name.startswith("."))
    return [run for run in found if is_file(run.settings_file) or _is_closed(run.path)]


def _is_closed(path: Path) -> bool:
    return path.is_dir() and not os.access(path, os.X_OK)


def find_run(runs: Path, wanted: str | None) -> Run:
    """Return the run of that name, unique prefix or path; without one, the newest that has a checkpoint.

    Raises `PtbtermError` if there is none, or more than one with that prefix.
    """
    known = list_runs(runs)
    if wanted is None:
        return _newest(known)
    by_name = [run for run in known if run.name == wanted] or [
        run for run in known if wanted and run.name.startswith(wanted)
    ]
    if len(by_name) == 1:
        return by_name[0]
    if by_name:
        names = ", ".join(run.name for run in by_name)
        raise PtbtermError(
            f"{wanted!r} is ambiguous: it matches {len(by_name)} runs: {names}.", "Type more of the name."
        )
    if wanted and is_file(Run(Path(wanted)).settings_file):
        return Run(_absolute(Path(wanted)))
    near = difflib.get_close_matches(wanted, [run.name for run in known], n=1)
    message = f"No run named {wanted!r} in {runs}."
    if near:
        raise PtbtermError(message, f"Did you mean {near[0]}?")
    raise PtbtermError(message, next_step=NextStep.TRAIN_DEMO)


def _absolute(path: Path) -> Path:
    """Return where a path leads, but for a link at its end: that one is a run by itself, to be deleted alone."""
    path = path.absolute()
    return path.resolve() if path.name == ".." else path.parent.resolve() / path.name


def delete_run(run: Run) -> None:
    """Delete a run's directory, never through a link: a run that is a link loses the link alone."""
    if run.path.is_symlink():
        run.path.unlink()
        return
    doomed = run.path.with_name(f".{run.name}.deleted")
    shutil.rmtree(doomed, ignore_errors=True)  # what a killed process left of an earlier one
    run.path.rename(doomed)  # at once no run, however long the rest takes
    shutil.rmtree(doomed)


def latest_first(runs: Iterable[Run]) -> list[Run]:
    """Return the runs, those first to which something happened last."""
    return sorted(runs, key=last_active, reverse=True)


def last_active(run: Run) -> float:
    """Return when something last happened to a run, as seconds since 1970; 0 if that can't be told."""
    return _modified(run.events_file) or _modified(run.settings_file)


def last_saved(run: Run) -> float:
    """Return when a run was last saved, as seconds since 1970; 0 if never."""
    return max(_modified(file) for file in (run.last_checkpoint, run.previous_checkpoint))


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _newest(known: list[Run]) -> Run:
    trained = [run for run in known if last_saved(run)]
    if not trained:
        raise PtbtermError("There is no trained model yet.", next_step=NextStep.TRAIN_DEMO)
    return max(trained, key=last_saved)
