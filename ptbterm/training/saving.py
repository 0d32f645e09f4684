"""When a run is saved, and what becomes of it when the disk refuses: training goes on, and the run says so."""

from ptbterm.checkpoints import Checkpoint, save_checkpoint
from ptbterm.errors import PtbtermError
from ptbterm.runs.events import CheckpointSaved, Warned
from ptbterm.runs.journal import Journal
from ptbterm.runs.run import Run
from ptbterm.training.stopwatch import Stopwatch

ATTEMPTS = 2


class Saver:
    """Writes the checkpoints of a run: best, if it is one, and last, which says that best is there.

    `is_behind` says that the newest checkpoint could not be written.
    """

    def __init__(self, run: Run, journal: Journal, stopwatch: Stopwatch, minutes: float) -> None:
        self._run, self._journal, self._stopwatch = run, journal, stopwatch
        self._seconds = 60 * minutes
        self._tried_at = stopwatch.seconds
        self._unsaved_best: Checkpoint | None = None
        self.is_behind = False

    def is_due(self) -> bool:
        """Whether so many minutes of training have passed since a checkpoint was written, or refused."""
        return self._stopwatch.seconds - self._tried_at >= self._seconds

    def save(self, checkpoint: Checkpoint, *, is_best: bool = False, is_end: bool = False) -> None:
        """Write a checkpoint and tell the journal.

        One that can't be written is a warning; at the end of a session, when nothing will be tried again, a
        `PtbtermError`. Best weights that were refused are kept, and written with a later checkpoint.
        """
        self._tried_at = self._stopwatch.seconds
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
                    f"What was saved before is untouched; to go on from there: ptbterm resume {self._run.name}",
                ) from error
            self._journal.append(Warned(message=error.message, hint="Training goes on, and will save again."))
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
