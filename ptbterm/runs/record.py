"""The contents of a run's settings.toml: its settings, and the facts that a later reader needs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomli_w
from msgspec import Struct

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import MAX_TOML_BYTES, parse_toml, read_text, replacing
from ptbterm.settings.choices import Form
from ptbterm.settings.schema import CorpusSettings, ModelSettings, Settings, TrainingSettings
from ptbterm.version import __version__

FORMAT: Literal[1] = 1
"""The version of settings.toml."""


class RunFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The origin and the environment of a run, enough to verify or repeat it.

    `vocabulary_sha256` is the checksum of vocabulary.txt; empty in runs that are older than the field. `text_form`
    is the form in which texts for the model are read by default.
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
    text_form: Form = "typed"


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


def read_record(file: Path) -> RunRecord:
    """Read a settings.toml; raises `PtbtermError` if it is missing, damaged or of another format."""
    document = parse_toml(read_text(file, MAX_TOML_BYTES), str(file))
    if document.get("version") != FORMAT:
        raise _wrong_format(file, document)
    try:
        record = msgspec.convert(document, RunRecord)
    except msgspec.ValidationError as error:
        raise PtbtermError(
            f"{file} is not a valid settings file: {error}.",
            "Correct that value, or restore the file from a copy.",
        ) from error
    if record.corpus.tokenizer == "auto":  # a run that is older than the setting
        corpus = msgspec.structs.replace(record.corpus, tokenizer="whitespace")
        return msgspec.structs.replace(record, corpus=corpus)
    return record


def _wrong_format(file: Path, document: Mapping[str, Any]) -> PtbtermError:
    facts = document.get("run")
    writer = facts.get("ptbterm") if isinstance(facts, dict) else None
    version = writer if isinstance(writer, str) else "of an unknown version"
    return PtbtermError(
        f"{file} was written by ptbterm {version} and is not in format {FORMAT}, "
        f"the one that ptbterm {__version__} reads.",
        next_step=NextStep.RETRAIN,
        settings_file=str(file),
    )


def write_record(file: Path, record: RunRecord) -> None:
    """Write a settings.toml atomically; raises `PtbtermError`, and keeps the old file, if that fails."""
    text = tomli_w.dumps(msgspec.to_builtins(record))
    try:
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise PtbtermError(
            f"{file} can't be written: {error.strerror}.",
            "Check that the folder exists, that you may write there, and that the disk has room.",
        ) from error


def utc_now() -> str:
    """Return the time in the format of `RunFacts.created`: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
