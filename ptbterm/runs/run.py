"""A run directory: the paths of its files."""

import re
from dataclasses import dataclass
from pathlib import Path

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import is_file, maker_of
from ptbterm.runs.record import RunRecord, read_record, write_record

_SAFETENSORS_TEMPORARY = re.compile(r"\.tmp[A-Za-z0-9]{6}")


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
        """Every resolved setting, and the facts of the run."""
        return self.path / "settings.toml"

    @property
    def vocabulary_file(self) -> Path:
        """One word per line; the line's number, from 0, is the id."""
        return self.path / "vocabulary.txt"

    @property
    def word_counts_file(self) -> Path:
        """The count of each vocabulary word in the training text, one number per line."""
        return self.path / "word_counts.txt"

    @property
    def events_file(self) -> Path:
        """One event per line, append-only."""
        return self.path / "events.jsonl"

    @property
    def log_file(self) -> Path:
        """The output of a detached trainer."""
        return self.path / "trainer.log"

    @property
    def lock_file(self) -> Path:
        """Locked by the trainer for as long as it lives."""
        return self.path / "trainer.lock"

    @property
    def trainer_file(self) -> Path:
        """The process id of the trainer, or of the last one."""
        return self.path / "trainer.json"

    @property
    def last_checkpoint(self) -> Path:
        """Weights and training state to resume from."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def previous_checkpoint(self) -> Path:
        """The checkpoint before the last one, to fall back to."""
        return self.path / "checkpoints" / "previous.safetensors"

    @property
    def damaged_checkpoint(self) -> Path:
        """A last checkpoint that turned out to be damaged."""
        return self.path / "checkpoints" / "damaged.safetensors"

    @property
    def best_checkpoint(self) -> Path:
        """The checkpoint after the epoch with the lowest valid perplexity."""
        return self.path / "checkpoints" / "best.safetensors"

    def checkpoint_to_use(self) -> Path:
        """Return the best checkpoint, else the last; raises `PtbtermError` if the run has neither."""
        for file in (self.best_checkpoint, self.last_checkpoint, self.previous_checkpoint):
            if is_file(file):
                return file
        raise PtbtermError(
            f"Run {self.name} has no checkpoint yet.",
            "One is saved after each epoch, when training is stopped, and every few minutes.",
            next_step=NextStep.TRAIN_ON,
            run=self.name,
        )

    def unusable(self, file: Path, message: str) -> PtbtermError:
        """Return the error of a checkpoint that can't be used, with the newest other one as a way out."""
        files = (self.best_checkpoint, self.last_checkpoint, self.previous_checkpoint)
        other = next((other.name for other in files if other != file and is_file(other)), None)
        return PtbtermError(
            message,
            f"To use {other} instead, rename {file.name}." if other else "",
            next_step=NextStep.TRAIN_NEW,
            settings_file=str(self.settings_file),
        )

    def refuse_linked_checkpoints(self) -> None:
        """Raise `PtbtermError` if checkpoints/ is a link: writing there would replace files elsewhere."""
        folder = self.last_checkpoint.parent
        if folder.is_symlink():
            raise PtbtermError(
                f"{folder} is a symbolic link; training would write to where it points.",
                "Replace the link with the folder that it points to.",
            )

    def remove_leftovers(self) -> None:
        """Remove half-written files of killed processes; only the trainer may."""
        for file in (*self.path.glob(".*"), *self.last_checkpoint.parent.glob(".*")):
            ours = maker_of(file) is not None or _SAFETENSORS_TEMPORARY.fullmatch(file.name)
            if ours and file.is_file() and not file.is_symlink():
                file.unlink()

    def read_record(self) -> RunRecord:
        """Read settings.toml; raises like `record.read_record`."""
        return read_record(self.settings_file)

    def write_record(self, record: RunRecord) -> None:
        """Write settings.toml; raises like `record.write_record`."""
        write_record(self.settings_file, record)
