"""Step: the learning rate over the epochs."""

from collections.abc import Iterator
from itertools import groupby

from ptbterm.corpus.windows import count_windows
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Bar, Bars, Check, Frame, Lesson, Page
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.settings.schema import TrainingSettings
from ptbterm.training.schedules import learning_rate, total_epochs, total_windows

DECAY = (
    "Large steps find the valley, small ones its floor. The rate stays at {rate:g} for {full} epochs, then "
    "it is multiplied by {decay:.3g} each epoch. The notebook writes decay ** max(i - max_epoch, 0) with "
    "max_epoch = 4 and counts i from 0, so five epochs run at the full rate, not four."
)
COSINE = (
    "Large steps find the valley, small ones its floor. Here the rate warms up for {warmup} windows, then "
    "falls as a cosine to {final:g} of {rate:g} over the whole training. The bars show each epoch's first window."
)


def show(subject: Subject) -> Iterator[Page]:
    """Show the rate at the start of each epoch."""
    training = subject.settings.training
    windows = count_windows(len(subject.corpus.ids["train"]), training.batch_size, training.num_steps)
    count = total_epochs(training, windows)
    rates = [learning_rate(training, epoch * windows, windows) for epoch in range(count)]
    top = max(rates)
    alike = [list(group) for _, group in groupby(enumerate(rates, 1), key=lambda each: each[1])]
    bars = tuple(
        Bar(_epochs(group[0][0], group[-1][0]), group[0][1] / top, f"{group[0][1]:.3g}") for group in alike
    )
    is_decay = training.schedule == "decay"
    words = (DECAY if is_decay else COSINE).format(
        rate=training.learning_rate,
        full=training.full_rate_epochs,
        decay=training.decay,
        warmup=training.warmup_windows,
        final=training.final_rate,
    )
    epoch = max(count, training.full_rate_epochs + 1) if is_decay else count
    rate = learning_rate(training, (epoch - 1) * windows, windows)
    be = "is" if epoch == count else "would be"
    yield Page(
        words,
        (excerpt(learning_rate, "decay" if is_decay else "cosine"),),
        (Frame(f"Learning rate, {_epochs(1, count)}", (Bars("", bars, is_answer=True),)),),
        tuple(
            _checks_of_decay(rates, is_notebooks=subject.trained is None)
            if is_decay
            else _checks_of_cosine(training, rates, windows)
        ),
        question=f"What {be} the rate when epoch {epoch} begins?",
        answer=f"When epoch {epoch} begins the rate {be} {rate:.3g}.",
    )


def _epochs(first: int, last: int) -> str:
    return f"epoch {first}" if first == last else f"epochs {first}-{last}"


def _checks_of_decay(rates: list[float], *, is_notebooks: bool) -> Iterator[Check]:
    yield holds("no epoch has a higher rate than the one before", true=rates == sorted(rates, reverse=True))
    if is_notebooks:
        notebooks = [1.0 * 0.5 ** max(i - 4, 0) for i in range(13)]
        yield holds("the notebook's rates: 1.0 for five epochs, then halved each epoch", true=rates == notebooks)


def _checks_of_cosine(training: TrainingSettings, rates: list[float], windows: int) -> Iterator[Check]:
    """Check the epochs after the warm-up, and the last window."""
    warm = [rate for epoch, rate in enumerate(rates) if epoch * windows >= training.warmup_windows]
    yield holds(
        "after the warm-up, no epoch starts at a higher rate than the one before", true=warm == sorted(warm)[::-1]
    )
    total = total_windows(training, windows)
    last = learning_rate(training, total - 1, windows)
    share = last / training.learning_rate
    yield holds(
        f"the last of {total:,} windows has {last:.3g}, {share:.2g} of the full rate",
        true=last <= min(warm, default=last),
    )


LESSON = Lesson("The schedule", show)
