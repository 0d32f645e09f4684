"""Step: train on one window, and the effect on that window's losses."""

import math
from collections.abc import Iterator

import torch

from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Frame, Lesson, Page, Table
from ptbterm.lessons.losses import losses_and_cost
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject, named_weights
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.mode import evaluating
from ptbterm.training.optimizers import SGD
from ptbterm.training.trainer import Trainer

WORDS = (
    "Training repeats four steps: read a window, compute the cost, back-propagate, move every weight a little "
    "against its gradient. {how} The state is carried into the next window but detached from the graph: gradients "
    "flow back one window and no further. That is truncated back-propagation."
)
BY_SGD = "With SGD the move is the learning rate, {rate:g}, times the clipped gradient."
BY_ADAMW = "With AdamW each weight has its own step size, about {rate:.2g}."


def show(subject: Subject) -> Iterator[Page]:
    """Train on the first window, and read it again."""
    trainer, reading = subject.trainer(), subject.reading
    before = {name: weights.detach().clone() for name, weights in named_weights(trainer.model).items()}
    nats_before, cost_before = _read(trainer.model, subject)
    rate = trainer.rate
    trainer.step(reading.inputs, reading.targets)
    nats_after, cost_after = _read(trainer.model, subject)

    moved = tuple(
        (name, f"{float((weights.detach() - before[name]).abs().max()):.2g}")
        for name, weights in named_weights(trainer.model).items()
    )
    rows = (
        ("cost", f"{cost_before:.3f}", f"{cost_after:.3f}"),
        ("mean loss", f"{nats_before.mean():.4f}", f"{nats_after.mean():.4f}"),
        ("perplexity", f"{math.exp(nats_before.mean()):.1f}", f"{math.exp(nats_after.mean()):.1f}"),
    )
    lower = int((nats_after < nats_before).sum())
    is_sgd = isinstance(trainer.optimizer, SGD)
    yield Page(
        WORDS.format(how=(BY_SGD if is_sgd else BY_ADAMW).format(rate=rate)),
        (
            excerpt(Trainer.gradients, "gradients"),
            excerpt(Trainer.step, "step"),
            *([excerpt(SGD.step, "update")] if is_sgd else []),
        ),
        (
            Frame(
                "The same window, before and after",
                (
                    Table(("", "before", "after"), rows, is_answer=True),
                    Table(("weights", "largest move"), moved),
                ),
            ),
        ),
        (
            holds("the cost fell", true=bool(cost_after < cost_before)),
            holds(f"the loss of {lower} of {len(nats_after)} words fell", true=lower > 0),
        ),
        question="What will the cost of this window be after one step?",
    )


def _read(model: LanguageModel, subject: Subject) -> tuple[torch.Tensor, torch.Tensor]:
    """Return losses and cost of the first window, without dropout."""
    reading = subject.reading
    with torch.no_grad(), evaluating(model):
        hidden, _ = model(reading.inputs, model.zero_state(len(reading.inputs)))
    return losses_and_cost(model, hidden, reading.targets)


LESSON = Lesson("One step", show)
