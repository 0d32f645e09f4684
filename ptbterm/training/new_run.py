"""Creates the directory of a run, ready to be trained. Imports no torch, so that it is fast."""

import platform
from collections.abc import Sized
from pathlib import Path

import msgspec
import numpy as np

from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.corpus.windows import NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS, count_windows
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.runs.catalog import create_run
from ptbterm.runs.record import RunFacts, RunRecord, utc_now
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import Resolved
from ptbterm.settings.schema import TrainingSettings
from ptbterm.version import __version__

MIN_WINDOWS, MAX_SMALL_STEPS = 5, 10
"""Windows of a small text, and steps of each, that are suggested where the settings leave none."""


def new_run(runs: Path, name: str, resolved: Resolved, corpus: EncodedCorpus) -> Run:
    """Create the directory of a new run; raises `PtbtermError`, and creates nothing, if the text is too short.

    The trainer records the device, the threads and torch's version when it starts; until then the record has the
    device and threads of the settings.
    """
    settings = resolved.settings
    check_size(corpus, settings.training)
    record = RunRecord(
        preset=resolved.preset,
        corpus=msgspec.structs.replace(corpus.reading.settings, source=corpus.text.name),
        model=settings.model,
        training=settings.training,
        run=RunFacts(
            created=utc_now(),
            corpus=corpus.text.title,
            corpus_fingerprint=corpus.text.fingerprint,
            vocabulary_size=len(corpus.vocabulary),
            device=settings.training.device,
            threads=settings.training.threads,
            ptbterm=__version__,
            torch="",
            python=platform.python_version(),
            platform=platform.platform(),
            text_form=corpus.reading.form,
        ),
    )
    word_counts = np.bincount(corpus.ids["train"], minlength=len(corpus.vocabulary))
    return create_run(runs, name, record, corpus.vocabulary.as_text(), word_counts.tolist())


def check_size(corpus: EncodedCorpus, settings: TrainingSettings) -> None:
    """Raise `PtbtermError` if the text is too short for one window, or there are too few sampled words."""
    words = len(corpus.ids["train"])
    steps = max(1, min(settings.num_steps, words // MIN_WINDOWS - 1, MAX_SMALL_STEPS))
    rows = max(1, min(settings.batch_size, words // (MIN_WINDOWS * (steps + 1))))
    if too_short := _too_short("training", corpus.ids["train"], settings.batch_size, settings.num_steps):
        hint, step = "Use a longer text, or smaller windows:", NextStep.SMALLER_WINDOWS
        raise PtbtermError(too_short, hint, next_step=step, rows=str(rows), steps=str(steps))
    window_words = settings.batch_size * settings.num_steps
    if 0 < settings.sampled_words < min(window_words, len(corpus.vocabulary)):
        raise PtbtermError(
            f"training.sampled_words must be at least {window_words}, the number of targets in a window "
            f"(training.batch_size times training.num_steps), not {settings.sampled_words}.",
            f"Set it to {window_words} or more, or to 0 for the full softmax.",
        )
    if settings.evaluation == "notebook":
        for split in ("valid", "test"):
            if too_short := _too_short(split, corpus.ids[split], NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS):
                hint, change = "Use a longer text, or evaluate in one stream:", "training.evaluation=stream"
                raise PtbtermError(too_short, hint, next_step=NextStep.SET, change=change)


def _too_short(title: str, ids: Sized, rows: int, steps: int) -> str:
    """Return what is wrong with a text that has no window; empty if it has one."""
    if count_windows(len(ids), rows, steps):
        return ""
    return (
        f"The {title} text is too short: a window of {rows} x {steps} words needs {rows * (steps + 1)}, "
        f"and it has {len(ids)}."
    )
