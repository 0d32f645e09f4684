"""One session of training on a run, new or resumed: the lock, the journal, the checkpoint, and how it ended."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import msgspec

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import read_text
from ptbterm.model.device import keep_freed_memory, use_threads
from ptbterm.runs.events import AnyEvent, RunFailed, RunFinished, RunStopped
from ptbterm.runs.journal import Journal
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.state import RunState, fold
from ptbterm.runs.summary import read_state
from ptbterm.settings.resolve import change_on_resume
from ptbterm.settings.schema import Settings
from ptbterm.training.budget import fit_to_minutes
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.losses import DivergedError
from ptbterm.training.memory import enough_memory
from ptbterm.training.saving import Saved, read_newest
from ptbterm.training.session_start import SessionStart
from ptbterm.training.trainer import Trainer

LOWER_RATE = 0.1
"""Multiplier of the learning rate that is proposed to a run that diverged; at most 1 is proposed."""


def resume(
    run: Run,
    assignments: Iterable[str],
    corpus: EncodedCorpus,
    listener: Callable[[AnyEvent], None],
    stop_requested: Callable[[], bool],
) -> RunFinished | RunStopped:
    """Resume a run from its last checkpoint, or train it from its beginning if it has none.

    `assignments` (`key=value`) change settings first. Raises `PtbtermError` if the text is not the one that the
    run was trained on, or if there is nothing left to train.
    """
    with as_trainer(run) as check_in_place:
        record, past = run.read_record(), read_state(run)
        _check_trainable(run, record, corpus)
        settings, changed = change_on_resume(record.settings, [*_unfinished_changes(past), *assignments])
        threads = use_threads(settings.training.threads)
        keep_freed_memory()
        journal = Journal(run.events_file, listener, check=check_in_place)
        with enough_memory(run, settings):
            saved = read_newest(run, settings, len(corpus.vocabulary))
            trainer, has_same_streams = _restored_trainer(settings, corpus, saved)
        _check_unfinished(run, past, trainer)
        if saved.warning:
            run.last_checkpoint.replace(run.damaged_checkpoint)

        start = SessionStart(run, record, past, trainer, saved, changed, threads, has_same_streams)
        past = fold([start.resumed], past)  # drops what happened after the checkpoint
        loop = TrainingLoop(
            run, record.preset, corpus, trainer, journal=journal, stop_requested=stop_requested, past=past
        )
        with _recording_failure(run, trainer, journal), enough_memory(run, settings):
            start.write(journal)
            end = loop.train()
            journal.flush()
            return end


def _unfinished_changes(past: RunState) -> Iterator[str]:
    """Yield `key=value` for each change of a session that was killed before it wrote the settings."""
    return (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in past.changing.items())


def _restored_trainer(settings: Settings, corpus: EncodedCorpus, saved: Saved) -> tuple[Trainer, bool]:
    """Return a trainer at its checkpoint, or at its beginning, and whether its random streams are the run's.

    How many windows fit into a time budget is measured at the beginning.
    """
    training = settings.training
    if saved.checkpoint is None and training.minutes and not training.windows:
        windows = fit_to_minutes(training, partial(Trainer, settings.model, corpus=corpus))
        training = msgspec.structs.replace(training, windows=windows)
    trainer = Trainer(settings.model, training, corpus)
    return trainer, saved.checkpoint is None or trainer.restore(saved.checkpoint)


def _check_trainable(run: Run, record: RunRecord, corpus: EncodedCorpus) -> None:
    """Raise `PtbtermError` if the run was adapted, or trained on another text or with another vocabulary."""
    if record.run.adapted_from:
        raise PtbtermError(
            f"Run {run.name} was adapted to a text as it was scored and can't be trained further.",
            f"It was made from run {record.run.adapted_from}, which can.",
            next_step=NextStep.RESUME_THAT,
            run=record.run.adapted_from,
        )
    if corpus.text.fingerprint != record.run.corpus_fingerprint:
        raise PtbtermError(
            f"The text of {corpus.text.title} is not the one that run {run.name} was trained on.",
            f"Restore {corpus.text.splits['train'].path} as it was to resume the run.",
            next_step=NextStep.TRAIN_NEW,
            settings_file=str(run.settings_file),
        )
    if read_text(run.vocabulary_file) != corpus.vocabulary.as_text():
        raise PtbtermError(
            f"{run.vocabulary_file} is not the vocabulary that run {run.name} was trained with.",
            "Restore the file from a copy to resume the run.",
            next_step=NextStep.TRAIN_NEW,
            settings_file=str(run.settings_file),
        )


def _check_unfinished(run: Run, past: RunState, trainer: Trainer) -> None:
    """Raise `PtbtermError` if the run has finished and no setting makes it longer."""
    if not isinstance(past.end, RunFinished) or trainer.windows_done < trainer.total_windows:
        return
    done = trainer.epoch - 1
    # Resuming counts an epoch that `windows` cut short as whole, so only windows beyond that epoch are trained.
    more = f"windows={(done + 1) * trainer.windows}" if trainer.settings.windows else f"epochs={done + 1}"
    raise PtbtermError(
        f"Run {run.name} is finished; its last epoch was {done}.",
        next_step=NextStep.TRAIN_LONGER,
        run=run.name,
        change=f"training.{more}",
    )


@contextmanager
def _recording_failure(run: Run, trainer: Trainer, journal: Journal) -> Iterator[None]:
    """Append the error that ends the training to the journal; propose a lower rate to a run that diverged."""
    try:
        yield
    except DivergedError as error:
        change = f"training.learning_rate={min(1.0, LOWER_RATE * trainer.settings.learning_rate):.2g}"
        with suppress(PtbtermError):
            journal.append(RunFailed(reason=error.message, hint=error.hint, change=change))
        step = NextStep.RESUME_CHANGED
        raise PtbtermError(error.message, error.hint, next_step=step, run=run.name, change=change) from error
    except Exception as error:
        reason, hint = (error.message, error.hint) if isinstance(error, PtbtermError) else (repr(error), "")
        with suppress(PtbtermError):
            journal.append(RunFailed(reason=reason, hint=hint))
        raise
