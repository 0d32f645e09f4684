"""Saves the checkpoints of a run and reads the newest. If saving fails, training continues with a warning."""

from pathlib import Path
from typing import NamedTuple

from ptbterm.checkpoints import Checkpoint, OtherVersionError, check_size, load_checkpoint, save_checkpoint
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import is_file
from ptbterm.runs.events import CheckpointSaved, Warned
from ptbterm.runs.journal import Journal
from ptbterm.runs.run import Run
from ptbterm.settings.schema import Settings
from ptbterm.training.stopwatch import Stopwatch

ATTEMPTS = 2


class Saver:
    """Writes the checkpoints of a run: `best`, if this epoch is, then `last`, which needs `best` to exist.

    `is_behind` says that the newest checkpoint could not be written.
    """

    def __init__(self, run: Run, journal: Journal, stopwatch: Stopwatch, minutes: float) -> None:
        self._run, self._journal, self._stopwatch = run, journal, stopwatch
        self._seconds = 60 * minutes
        self._last_attempt = stopwatch.seconds
        self._unsaved_best: Checkpoint | None = None
        self.is_behind = False

    def is_due(self) -> bool:
        """Whether the checkpoint interval has passed, in training time, since the last attempt to save."""
        return self._stopwatch.seconds - self._last_attempt >= self._seconds

    def save(self, checkpoint: Checkpoint, *, is_best: bool = False, is_end: bool = False) -> None:
        """Write a checkpoint and append its event.

        A failure is a warning, except at the end of a session, which has no later attempt: then it raises
        `PtbtermError`. Best weights that could not be written are kept and written with a later checkpoint.
        """
        self._last_attempt = self._stopwatch.seconds
        best = checkpoint if is_best else self._unsaved_best
        try:
            if best:
                self._write(best, best=True)
            best = None
            self._write(checkpoint, best=False)
        except PtbtermError as error:
            if is_end:
                raise PtbtermError(
                    error.message,
                    "Check that the disk has room and that you may write there. The checkpoint before is intact.",
                    next_step=NextStep.RESUME,
                    run=self._run.name,
                ) from error
            self._journal.append(Warned(message=error.message, hint="Training continues; saving is tried again."))
            self.is_behind = True
        else:
            self.is_behind = False
        self._unsaved_best = best.copy() if best else None

    def _write(self, checkpoint: Checkpoint, *, best: bool) -> None:
        path = self._run.best_checkpoint if best else self._run.last_checkpoint
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._journal.flush()  # first: a checkpoint is never ahead of its events
                save_checkpoint(checkpoint, path, before=None if best else self._run.previous_checkpoint)
                break
            except PtbtermError:
                if attempt == ATTEMPTS:
                    raise
        position = checkpoint.position
        self._journal.append(CheckpointSaved(checkpoint=path.name, epoch=position.epoch, window=position.window))


class Saved(NamedTuple):
    """The newest checkpoint that can be read, and a warning if the last one is damaged."""

    checkpoint: Checkpoint | None = None
    warning: Warned | None = None


def read_newest(run: Run, settings: Settings, words: int) -> Saved:
    """Read the last checkpoint of a run of `words` words, or the previous one if the last is damaged.

    Raises `PtbtermError` if both are damaged, or if the last is of another format version, which is not damage.
    """

    def read(file: Path) -> Checkpoint:
        check_size(file, settings.model, words, settings.training.batch_size)
        return load_checkpoint(file)

    if not is_file(run.last_checkpoint):
        return Saved(read(run.previous_checkpoint) if is_file(run.previous_checkpoint) else None)
    try:
        return Saved(read(run.last_checkpoint))
    except OtherVersionError as error:
        raise PtbtermError(
            error.message, next_step=NextStep.RETRAIN, settings_file=str(run.settings_file)
        ) from error
    except PtbtermError as error:
        try:
            previous = read(run.previous_checkpoint)
        except PtbtermError:
            hint = "The checkpoint before it can't be read either, so the run can't be resumed."
            if is_file(run.best_checkpoint):
                hint += f" The weights of its best epoch, {run.best_checkpoint}, are not affected."
            step = NextStep.TRAIN_NEW
            settings_file = str(run.settings_file)
            raise PtbtermError(error.message, hint, next_step=step, settings_file=settings_file) from error
        place = previous.position
        hint = f"Resumed from the previous checkpoint, after window {place.window} of epoch {place.epoch}."
        return Saved(previous, Warned(message=error.message, hint=hint))
