"""One session of training on a run, new or resumed: the lock, the journal, the checkpoint, and how it ended."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple

import msgspec
import torch

from ptbterm.checkpoints import AnotherVersionError, Checkpoint, load_checkpoint
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.errors import PtbtermError
from ptbterm.files import read_text
from ptbterm.model.device import keep_freed_memory, use_threads
from ptbterm.runs.events import AnyEvent, RunFailed, RunFinished, RunResumed, RunStarted, RunStopped, Warned
from ptbterm.runs.journal import Journal
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.record import RunFacts, RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.state import fold
from ptbterm.runs.summary import read_state
from ptbterm.settings.resolve import change_on_resume
from ptbterm.training.budget import fit_to_minutes
from ptbterm.training.loop import TrainingLoop
from ptbterm.training.memory import enough_memory
from ptbterm.training.schedules import total_epochs
from ptbterm.training.trainer import Trainer


def start(
    run: Run,
    corpus: EncodedCorpus,
    listener: Callable[[AnyEvent], None],
    stop_requested: Callable[[], bool],
) -> RunFinished | RunStopped:
    """Train a new run from its beginning until it is finished or asked to stop."""
    return resume(run, [], corpus, listener, stop_requested)


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
    with as_trainer(run):
        record, known = run.read_record(), read_state(run)
        _refuse_another(run, record, corpus)
        begun = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in known.changing.items())
        settings, changed = change_on_resume(record.settings, [*begun, *assignments])
        threads = use_threads(settings.training.threads)
        keep_freed_memory()
        with enough_memory(settings):
            journal = Journal(run.events_file, listener)
            saved = _saved(run)
            training = settings.training
            if training.minutes and not training.windows and not saved.checkpoint:
                windows = fit_to_minutes(training, partial(Trainer, settings.model, corpus=corpus))
                training = msgspec.structs.replace(training, windows=windows)
            trainer = Trainer(settings.model, training, corpus)
            streams_go_on = not saved.checkpoint or trainer.restore(saved.checkpoint)
        if isinstance(known.end, RunFinished) and trainer.windows_done >= trainer.total_windows:
            raise _nothing_left(run, trainer)
        if saved.damage:
            run.last_checkpoint.replace(run.damaged_checkpoint)

        has_begun = known.started is not None
        facts = record.run if has_begun else _facts(record.run, trainer, threads)
        goes_on = msgspec.structs.replace(record, training=training, run=facts)
        resumed = RunResumed(run=run.name, epoch=trainer.epoch, window=trainer.window, changed=changed)
        known = fold([resumed], known)  # drops what came after the checkpoint
        loop = TrainingLoop(
            run, record.preset, corpus, trainer, journal=journal, stop_requested=stop_requested, known=known
        )
        with _telling_failure(journal), enough_memory(settings):
            if not has_begun:
                run.write_record(goes_on)  # first: minutes are measured once
                journal.append(_started(run, goes_on, trainer))
            if has_begun or saved.checkpoint:
                journal.append(resumed)
                new_streams = None if streams_go_on else _streams_begin_anew(trainer)
                other_bits = _other_bits(run, facts, trainer, threads)
                for warning in filter(None, (saved.damage, new_streams or other_bits)):
                    journal.append(warning)
            if has_begun and goes_on != record:
                journal.flush()  # first: what a kill leaves undone here, the next resume reads in the event
                run.write_record(goes_on)
            end = loop.train()
            journal.flush()
            return end


def _refuse_another(run: Run, record: RunRecord, corpus: EncodedCorpus) -> None:
    """Raise `PtbtermError` if the run is not one to be trained, or not on this text, with these words."""
    if record.run.adapted_from:
        raise PtbtermError(
            f"Run {run.name} is a model that has learnt from a text it scored: it can't be trained on.",
            f"The run it came from: ptbterm resume {record.run.adapted_from}",
        )
    if corpus.text.fingerprint != record.run.corpus_fingerprint:
        raise PtbtermError(
            f"The text of {corpus.text.title} is not what run {run.name} was trained on.", "Restore it to go on."
        )
    if read_text(run.vocabulary_file) != corpus.vocabulary.as_text():
        raise PtbtermError(
            f"{run.vocabulary_file} is not the vocabulary that run {run.name} was made with.",
            "Restore it to go on.",
        )


def _other_bits(run: Run, made: RunFacts, trainer: Trainer, threads: int) -> Warned | None:
    """Return what is to be said where the run goes on with other means than it was made with."""
    means = {
        "torch": (made.torch, str(torch.__version__)),
        "device": (made.device, str(trainer.device)),
        "threads": (made.threads, threads),
    }
    changes = ", ".join(f"{name} {before}, now {now}" for name, (before, now) in means.items() if before != now)
    if not changes:
        return None
    return Warned(
        message=f"Run {run.name} was made with {changes}.",
        hint="Training goes on; its end may differ in some bits from that of a run never stopped.",
    )


class _Saved(NamedTuple):
    """What a run can go on from; and what is to be said where that is not its newest checkpoint."""

    checkpoint: Checkpoint | None = None
    damage: Warned | None = None


def _saved(run: Run) -> _Saved:
    """Read the last checkpoint; where it is damaged, the one before.

    Raises `PtbtermError` if both are, or if the last is of another version: that is no damage.
    """
    if not run.last_checkpoint.is_file():
        return _Saved(load_checkpoint(run.previous_checkpoint) if run.previous_checkpoint.is_file() else None)
    try:
        return _Saved(load_checkpoint(run.last_checkpoint))
    except AnotherVersionError:
        raise
    except PtbtermError as error:
        try:
            previous = load_checkpoint(run.previous_checkpoint)
        except PtbtermError:
            hint = f"Nor can one before it. To begin anew, delete what is in {run.last_checkpoint.parent}."
            raise PtbtermError(error.message, hint) from error
        place = previous.position
        hint = f"The one before is used: the run goes on after window {place.window} of epoch {place.epoch}."
        return _Saved(previous, Warned(message=error.message, hint=hint))


def _facts(facts: RunFacts, trainer: Trainer, threads: int) -> RunFacts:
    """Return the facts of a run with what only its trainer knows."""
    return msgspec.structs.replace(
        facts, device=str(trainer.device), threads=threads, torch=str(torch.__version__)
    )


def _started(run: Run, record: RunRecord, trainer: Trainer) -> RunStarted:
    return RunStarted(
        run=run.name,
        preset=record.preset,
        corpus=record.run.corpus,
        device=record.run.device,
        threads=record.run.threads,
        seed=trainer.settings.seed,
        epochs=total_epochs(trainer.settings, trainer.windows),
        windows_per_epoch=trainer.windows,
        parameters=sum(weights.numel() for weights in trainer.model.parameters()),
        torch=record.run.torch,
    )


def _streams_begin_anew(trainer: Trainer) -> Warned:
    return Warned(
        message=f"The random draws so far are another device's than {trainer.device}: they begin anew.",
        hint="The same weights train on; to get the same bits each time, stay on one device.",
    )


def _nothing_left(run: Run, trainer: Trainer) -> PtbtermError:
    done = trainer.epoch - 1
    more = f"windows={(done + 1) * trainer.windows}" if trainer.settings.windows else f"epochs={done + 1}"
    return PtbtermError(
        f"Run {run.name} has finished its {done} epochs.",
        f"To train on: ptbterm resume {run.name} --set training.{more}",
    )


@contextmanager
def _telling_failure(journal: Journal) -> Iterator[None]:
    """Let the journal know by what error the training ends."""
    try:
        yield
    except Exception as error:
        reason, hint = (error.message, error.hint) if isinstance(error, PtbtermError) else (repr(error), "")
        with suppress(PtbtermError):
            journal.append(RunFailed(reason=reason, hint=hint))
        raise
