"""One session of training on a run, new or resumed: the lock, the journal, the trainer, and how it ended."""

import platform
from collections.abc import Callable, Iterable, Sized
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import torch

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.corpus.windows import count_windows
from ptbterm.errors import PtbtermError
from ptbterm.inference.evaluation import NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS
from ptbterm.model.checkpoint import load_checkpoint
from ptbterm.model.device import choose_device, use_threads
from ptbterm.runs.events import AnyEvent, RunFailed, RunFinished, RunResumed, RunStarted, RunStopped
from ptbterm.runs.journal import Journal, read_events
from ptbterm.runs.process import as_trainer
from ptbterm.runs.run import Run, RunFacts, RunRecord, create_run
from ptbterm.runs.state import RunState, fold
from ptbterm.settings.resolve import Resolved, change_on_resume
from ptbterm.settings.schema import TrainingSettings
from ptbterm.training.budget import fit_to_minutes
from ptbterm.training.schedules import total_epochs
from ptbterm.training.trainer import Trainer
from ptbterm.version import __version__


def new_run(runs: Path, name: str, resolved: Resolved, corpus: EncodedCorpus) -> Run:
    """Make the directory of a new run; raises `PtbtermError`, and makes nothing, if it can't be trained."""
    settings = resolved.settings
    check_size(corpus, settings.training)
    record = RunRecord(
        preset=resolved.preset,
        corpus=msgspec.structs.replace(settings.corpus, source=corpus.text.name),
        model=settings.model,
        training=settings.training,
        run=RunFacts(
            created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            corpus=corpus.text.title,
            corpus_fingerprint=corpus.text.fingerprint,
            vocabulary_size=len(corpus.vocabulary),
            device=str(choose_device(settings.training.device)),
            threads=use_threads(settings.training.threads),
            ptbterm=__version__,
            torch=str(torch.__version__),
            python=platform.python_version(),
            platform=platform.platform(),
        ),
    )
    return create_run(runs, name, record, corpus.vocabulary.as_text())


def start(
    run: Run,
    corpus: EncodedCorpus,
    listener: Callable[[AnyEvent], None],
    stop_requested: Callable[[], bool],
) -> RunFinished | RunStopped:
    """Train a new run from its beginning until it is finished or asked to stop."""
    record = run.read_record()
    with as_trainer(run):
        journal = Journal(run.events_file, listener)

        def trainer_with(training: TrainingSettings) -> Trainer:
            new_record = msgspec.structs.replace(record, training=training)
            return Trainer(
                run, new_record, corpus, journal=journal, stop_requested=stop_requested, known=RunState()
            )

        training = record.training
        if training.minutes and not training.windows:
            windows = fit_to_minutes(training, trainer_with)
            training = msgspec.structs.replace(training, windows=windows)
            run.write_record(msgspec.structs.replace(record, training=training))
        trainer = trainer_with(training)
        journal.append(
            RunStarted(
                run=run.name,
                preset=record.preset,
                corpus=corpus.text.title,
                device=str(trainer.device),
                threads=use_threads(record.training.threads),
                seed=record.training.seed,
                epochs=total_epochs(training, trainer.windows),
                windows_per_epoch=trainer.windows,
                parameters=sum(weights.numel() for weights in trainer.model.parameters()),
                torch=record.run.torch,
            )
        )
        return _train(trainer)


def resume(
    run: Run,
    assignments: Iterable[str],
    corpus: EncodedCorpus,
    listener: Callable[[AnyEvent], None],
    stop_requested: Callable[[], bool],
) -> RunFinished | RunStopped:
    """Go on with a run from its last checkpoint, or from its beginning where it has none yet.

    `assignments` (`key=value`) change settings first. Raises `PtbtermError` if the text is not what the run was
    trained on, or if there is nothing left to train.
    """
    record = run.read_record()
    if corpus.text.fingerprint != record.run.corpus_fingerprint:
        raise PtbtermError(
            f"The text of {corpus.text.title} is not what run {run.name} was trained on.", "Restore it to go on."
        )
    settings, changed = change_on_resume(record.settings, assignments)
    record = msgspec.structs.replace(record, training=settings.training)
    use_threads(settings.training.threads)
    with as_trainer(run):
        known = fold(read_events(run.events_file)) if run.events_file.exists() else RunState()
        journal = Journal(run.events_file, listener)
        has_finished = isinstance(known.end, RunFinished)
        checkpoint = load_checkpoint(run.last_checkpoint) if run.last_checkpoint.is_file() else None
        epoch, window = (checkpoint.position.epoch, checkpoint.position.window) if checkpoint else (1, 0)
        resumed = RunResumed(run=run.name, epoch=epoch, window=window, changed=changed)
        known.apply(resumed)  # takes back what came after the checkpoint
        trainer = Trainer(run, record, corpus, journal=journal, stop_requested=stop_requested, known=known)
        if checkpoint:
            trainer.load_state_dict(checkpoint)
        if has_finished and trainer.windows_done >= trainer.total_windows:
            done = trainer.epoch - 1
            more = f"windows={(done + 1) * trainer.windows}" if record.training.windows else f"epochs={done + 1}"
            raise PtbtermError(
                f"Run {run.name} has finished its {done} epochs.",
                f"To train on: ptbterm resume {run.name} --set training.{more}",
            )
        run.write_record(record)
        journal.append(resumed)
        return _train(trainer)


def _train(trainer: Trainer) -> RunFinished | RunStopped:
    try:
        return trainer.train()
    except Exception as error:
        reason, hint = (error.message, error.hint) if isinstance(error, PtbtermError) else (repr(error), "")
        trainer.journal.append(RunFailed(reason=reason, hint=hint))
        raise


def check_size(corpus: EncodedCorpus, settings: TrainingSettings) -> None:
    """Raise `PtbtermError` if the text is too short for such a window, or the sampled softmax too small."""
    smaller = "less of: --set training.batch_size=1 --set training.num_steps=1"
    _check_windows("training", corpus.ids["train"], settings.batch_size, settings.num_steps, smaller)
    window_words = settings.batch_size * settings.num_steps
    if 0 < settings.sampled_words < min(window_words, len(corpus.vocabulary)):
        raise PtbtermError(
            f"training.sampled_words is {settings.sampled_words}: a window has {window_words} targets.",
            f"Set it to {window_words} or more, or to 0 for the full softmax.",
        )
    if settings.evaluation == "notebook":
        for split in ("valid", "test"):
            stream = "score it as one stream: --set training.evaluation=stream"
            _check_windows(split, corpus.ids[split], NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS, stream)


def _check_windows(title: str, ids: Sized, rows: int, steps: int, way_out: str) -> None:
    if not count_windows(len(ids), rows, steps):
        raise PtbtermError(
            f"The {title} text has {len(ids)} words; {rows} rows of {steps} steps need {rows * (steps + 1)}.",
            f"Give more text, or {way_out}",
        )
