"""Step: the loss of each word of the window, and the cost, their sum over the steps."""

import math
from collections.abc import Iterator

import torch

from ptbterm.lessons import notebook
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Check, Frame, HeatMap, Lesson, Page, Table
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.model import softmax
from ptbterm.model.language_model import LanguageModel

WORDS = (
    "The loss of a word is -log of its probability: how surprising it was, in nats. The cost is the sum over the "
    "{steps} steps, averaged over the {batch} rows only. Clipping and the learning rate act on that scale: a mean "
    "over all {count} words would make every gradient {steps} times smaller."
)
UNTRAINED = "With all words about as likely, each loss is about ln {words:,} = {uniform:.3f}."
TRAINED = "A uniform guess costs ln {words:,} = {uniform:.3f} per word."
TOLERANCE = 0.04
"""Tolerance (nats) for the smallest and largest loss of the first window under other initial weights."""


def show(subject: Subject) -> Iterator[Page]:
    """Show the losses that the trainer's fused softmax computes."""
    model, reading = subject.model, subject.reading
    batch, steps = reading.inputs.shape
    nats, cost = losses_and_cost(model, reading.hidden, reading.targets)
    uniform = math.log(model.vocabulary_size)
    answer = (TRAINED if subject.trained else UNTRAINED).format(words=model.vocabulary_size, uniform=uniform)
    least, greatest, mean = float(nats.min()), float(nats.max()), float(nats.mean())
    heat = HeatMap(
        "losses",
        tuple(f"row {row + 1:>2}" for row in range(batch)),
        nats.reshape(batch, steps).numpy(),
        least,
        greatest,
        columns="steps",
        is_answer=True,
    )
    table = Table(
        ("", "nats"),
        (
            ("mean loss", f"{mean:.3f}"),
            ("smallest, largest", f"{least:.3f}, {greatest:.3f}"),
            ("cost", f"{cost:.3f}"),
            (f"{steps} x ln {model.vocabulary_size:,}", f"{steps * uniform:.3f}"),
            ("perplexity", f"{math.exp(mean):.1f}"),
        ),
        is_answer=True,
    )
    yield Page(
        WORDS.format(steps=steps, batch=batch, count=batch * steps),
        (excerpt(softmax.exponentials_of), excerpt(losses_and_cost)),
        (Frame(f"{batch * steps} losses", (table, heat)),),
        (
            holds("each is -log of the target's probability", true=_are_the_targets(subject, nats)),
            *([] if subject.trained else [_near_uniform(nats, uniform)]),
            _in_the_notebooks_range(subject, least, greatest),
            subject.as_in_the_notebook(
                "cost", f"{float(cost):.1f}", f"{notebook.COST:.1f}", equal=abs(float(cost) - notebook.COST) < 0.1
            ),
        ),
        question="How large is the cost of this window?",
        answer=answer,
    )


def losses_and_cost(
    model: LanguageModel, hidden: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return each word's loss (nats), (batch * steps,), and the cost that is differentiated."""
    with torch.no_grad():
        nats = model.word_nats(hidden, targets)
        cost = nats.sum() / len(targets)
    return nats, cost


def _are_the_targets(subject: Subject, nats: torch.Tensor) -> bool:
    own = subject.log_probabilities.gather(1, subject.reading.targets.reshape(-1, 1))[:, 0]
    return torch.allclose(nats, -own, atol=1e-4)


def _near_uniform(nats: torch.Tensor, uniform: float) -> Check:
    away = float((nats - uniform).abs().max())
    return holds(f"every loss is within {away:.3f} of ln V", true=away < 0.05)


def _in_the_notebooks_range(subject: Subject, least: float, greatest: float) -> Check:
    ours, theirs = (f"{low:.3f} to {high:.3f}" for low, high in ((least, greatest), notebook.LOSSES))
    if not subject.is_the_notebooks:
        return subject.as_in_the_notebook("losses", ours, theirs)
    away = max(abs(least - notebook.LOSSES[0]), abs(greatest - notebook.LOSSES[1]))
    return holds(f"losses: {ours}; the notebook's, from other initial weights, {theirs}", true=away < TOLERANCE)


LESSON = Lesson("Losses, and the cost", show)
