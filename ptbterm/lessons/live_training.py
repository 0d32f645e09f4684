"""Step: a training while one looks, or the curve of the one that made the run."""

from collections.abc import Iterator

from ptbterm.inference.trained_model import TrainedModel
from ptbterm.lessons import notebook
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Check, Curve, Lesson, Page, Table, Verdict, View
from ptbterm.lessons.short_training import ShortTraining
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.runs.events import Progress
from ptbterm.runs.summary import read_state
from ptbterm.training.course import Course

LIVE = (
    "The notebook's training, {windows} windows of it. Perplexity is e to the mean loss: among how many words "
    "the model hesitates, as if all were equally likely. It begins at the vocabulary's {words:,} and falls "
    "fast: how often each word comes is learned before what follows what."
)
OF_A_RUN = (
    "The training that made this run, from its log. Perplexity is e to the mean loss: among how many words the "
    "model hesitates, as if all were equally likely. Knowing nothing it is {words:,}. The curve is the mean "
    "since the epoch began, so it lags behind what the model knows."
)

AS_BY_CHANCE = 0.1
"""What the weights drawn at first change in the perplexity of the first windows, at most."""


def show(subject: Subject) -> Iterator[Page]:
    """Train, and show the curve as it grows."""
    if subject.trained:
        yield _page_of_a_run(subject, subject.trained)
        return
    training = subject.training
    for share in training.go_on():
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
        ((float(words), f"knows nothing {words:,}"),),
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
        LIVE.format(windows=training.windows, words=words),
        (excerpt(Course.train_epoch, "while"),),
        (View(f"Window {training.done} of {training.windows}", blocks),),
        tuple(_checks(subject, training)) if share is None else (),
        progress=share,
    )


def _perplexity_at(step: int, told: list[Progress]) -> float | None:
    """Return the running perplexity after a step, from 0."""
    return next((progress.perplexity for progress in told if progress.window == step), None)


def _checks(subject: Subject, training: ShortTraining) -> Iterator[Check]:
    reports = training.progress
    if not reports:
        return
    first, last = reports[0].perplexity, reports[-1].perplexity
    fell = Verdict.HOLDS if last < first else Verdict.DIFFERS
    yield Check(fell, f"perplexity {first:,.1f} after a window, {last:,.1f} over all {training.done}")
    step = reports[-1].window
    if subject.is_the_notebooks and (theirs := notebook.PRINTED.get(step)):
        claim = f"step {step}: {last:,.1f}; the notebook, from other weights, {theirs:,.1f}"
        yield holds(claim, true=abs(last / theirs - 1) < AS_BY_CHANCE)


def _page_of_a_run(subject: Subject, trained: TrainedModel) -> Page:
    run = trained.run
    state = read_state(run)
    words = subject.model.vocabulary_size
    points = tuple((point.epochs, point.perplexity) for point in state.curve)
    valid = tuple(
        (f"{epoch.epoch}", f"{epoch.train_perplexity:.1f}", f"{epoch.valid_perplexity:.1f}")
        for epoch in state.epochs.values()
    )
    blocks = (
        Curve(
            "running perplexity, by epoch",
            points,
            float(max(state.total_epochs, 1)),
            ((float(words), f"knows nothing {words:,}"),),
        ),
        Table(("epoch", "train", "valid"), valid, right=0),
    )
    test = state.evaluated.get("test")
    claim = (
        f"test perplexity {test.perplexity:.1f} ({test.protocol})" if test else "its training has not ended yet"
    )
    return Page(
        OF_A_RUN.format(words=words),
        (excerpt(Course.train_epoch, "while"),),
        (View(f"Run {run.name}", blocks),),
        (Check(Verdict.HOLDS if test else Verdict.DIFFERS, claim),),
    )


LESSON = Lesson("A short training", show)
