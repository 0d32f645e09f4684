"""Step: a live training, or the training that made the run."""

import math
from collections.abc import Iterator

from ptbterm.inference.dynamic_evaluation import DynamicEvaluation
from ptbterm.inference.trained_model import TrainedModel
from ptbterm.lessons import notebook
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Check, Curve, Frame, Lesson, Page, Table, Verdict
from ptbterm.lessons.short_training import ShortTraining
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.runs.events import Progress
from ptbterm.runs.summary import read_state
from ptbterm.training.loop import TrainingLoop

PERPLEXITY = (
    "Perplexity is e to the mean loss: the number of equally likely words that would be as hard to choose from. "
)
LIVE = (
    "The first {windows} windows of the notebook's training. {perplexity}It starts at {words:,}, the size of the "
    "vocabulary, and falls fast: word frequencies are learned before word order. The curve is the mean since the "
    "first window, so it lags behind the model."
)
OF_A_RUN = (
    "The training that made this run, from its log. {perplexity}Without any knowledge it is {words:,}. The curve "
    "is the mean since the epoch began, so it lags behind the model."
)
ADAPTED = (
    "This run was adapted, not trained from scratch: the model of run {source} took a step of gradient descent on "
    "each sentence of a text after scoring it. {perplexity}Without any knowledge it is {words:,}. The "
    "tour of run {source} shows how the original was trained."
)

TOLERANCE = 0.1
"""Relative tolerance for the perplexity of the first windows under other initial weights."""
LAST_WINDOWS = 30
"""Windows whose own perplexity is shown beside the running mean, which lags."""


def show(subject: Subject) -> Iterator[Page]:
    """Train, and show the curve as it grows."""
    if subject.trained:
        is_adapted = subject.trained.record.run.adapted_from
        yield (_page_of_an_adapted_run if is_adapted else _page_of_a_run)(subject, subject.trained)
        return
    training = subject.training
    for share in training.continue_to_end():
        if share < 1:
            yield _page(subject, training, share)
    yield _page(subject, training, None)


def _page(subject: Subject, training: ShortTraining, share: float | None) -> Page:
    words = subject.model.vocabulary_size
    points = tuple((float(progress.window + 1), progress.perplexity) for progress in training.progress)
    curve = Curve(
        "running perplexity, by window",
        points,
        float(training.windows),
        ((float(words), f"uniform guess {words:,}"),),
    )
    table = Table(
        ("window", "perplexity", "notebook"),
        tuple(
            (f"{step + 1}", f"{perplexity:,.1f}", f"{theirs:,.1f}")
            for step, theirs in notebook.PRINTED.items()
            if (perplexity := _perplexity_at(step, training.progress)) is not None
        ),
    )
    blocks = (curve, table) if table.rows and subject.is_the_notebooks else (curve,)
    return Page(
        LIVE.format(windows=training.windows, words=words, perplexity=PERPLEXITY),
        (excerpt(TrainingLoop.train_epoch, "windows"),),
        (Frame(f"Window {training.done} of {training.windows}", blocks),),
        tuple(_checks(subject, training.progress)) if share is None else (),
        ran="The loop that trains",
        progress=share,
    )


def _perplexity_at(step: int, reports: list[Progress]) -> float | None:
    """Return the running perplexity after a step, from 0."""
    return next((progress.perplexity for progress in reports if progress.window == step), None)


def _checks(subject: Subject, reports: list[Progress]) -> Iterator[Check]:
    if not reports:
        return
    first, last = reports[0].perplexity, reports[-1].perplexity
    windows = reports[-1].window + 1
    fell = Verdict.HOLDS if last < first else Verdict.DIFFERS
    yield Check(fell, f"perplexity {first:,.1f} after a window, {last:,.1f} over all {windows}")
    yield from _without_the_lag(reports)
    if subject.is_the_notebooks and (theirs := notebook.PRINTED.get(windows - 1)):
        claim = f"step {windows - 1}: {last:,.1f}; the notebook, from other initial weights, {theirs:,.1f}"
        yield holds(claim, true=abs(last / theirs - 1) < TOLERANCE)
    else:
        step, theirs = max(notebook.PRINTED.items())
        where = "" if windows == step + 1 else f" over {step + 1}"
        yield subject.as_in_the_notebook(f"over {windows} windows", f"{last:,.1f}", f"{theirs:,.1f}{where}")


def _without_the_lag(reports: list[Progress]) -> Iterator[Check]:
    """Compute the mean loss of the last windows alone from the running means of two reports."""
    last = reports[-1]
    before = next((report for report in reversed(reports) if report.window <= last.window - LAST_WINDOWS), None)
    if before is None:
        return
    nats = last.loss * (last.window + 1) - before.loss * (before.window + 1)
    alone = math.exp(nats / (last.window - before.window))
    lags = Verdict.HOLDS if alone < last.perplexity else Verdict.DIFFERS
    yield Check(lags, f"windows {before.window + 2} to {last.window + 1} alone: {alone:,.1f}")


def _page_of_a_run(subject: Subject, trained: TrainedModel) -> Page:
    run = trained.run
    state = read_state(run)
    words = subject.model.vocabulary_size
    points = tuple((point.epochs, point.perplexity) for point in state.curve)
    rows = tuple(
        (
            f"{epoch.epoch}",
            f"{'≈' if epoch.estimate else ''}{epoch.train_perplexity:.1f}",
            f"{epoch.valid_perplexity:.1f}",
        )
        for epoch in state.epochs.values()
    )
    has_estimates = any(point.estimate for point in state.curve)
    blocks = (
        Curve(
            f"running perplexity, by epoch{'; ≈ by a sampled softmax' if has_estimates else ''}",
            points,
            float(max(state.total_epochs, 1)),
            ((float(words), f"uniform guess {words:,}"),),
        ),
        Table(("epoch", "train", "valid"), rows, right=0),
    )
    test = state.evaluated.get("test")
    claim = (
        f"test perplexity {test.perplexity:.1f} ({test.protocol}, {test.words:,} words)"
        if test
        else "its training has not finished yet"
    )
    return Page(
        OF_A_RUN.format(words=words, perplexity=PERPLEXITY),
        (excerpt(TrainingLoop.train_epoch, "windows"),),
        (Frame(f"Run {run.name}", blocks),),
        (Check(Verdict.HOLDS if test else Verdict.DIFFERS, claim),),
        ran="The loop that trained it",
    )


def _page_of_an_adapted_run(subject: Subject, trained: TrainedModel) -> Page:
    source, event = trained.record.run.adapted_from, subject.adapted
    rows = (
        (
            ("words read", f"{event.words:,}"),
            ("perplexity", f"{event.perplexity:.1f}"),
            ("learning rate", f"{event.learning_rate:g}"),
        )
        if event
        else ()
    )
    check = (
        Check(
            Verdict.HOLDS,
            f"perplexity {event.perplexity:.1f} on the text: each sentence was scored before the model adapted to "
            "it",
        )
        if event
        else Check(Verdict.DIFFERS, "its log does not describe the adaptation")
    )
    return Page(
        ADAPTED.format(source=source, words=subject.model.vocabulary_size, perplexity=PERPLEXITY),
        (excerpt(DynamicEvaluation._step),),
        (Frame(f"Run {trained.run.name}", (Table(("adapted from", source), rows),)),),
        (check,),
        ran="The lines that adapted it",
    )


LESSON = Lesson("A short training", show)
