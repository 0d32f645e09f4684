"""Step: the gradient of each weight tensor, and clipping by their global norm."""

import math
from collections.abc import Iterator

import torch

from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Frame, Lesson, Page, Table
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject, named_weights
from ptbterm.training.optimizers import SGD

WORDS = (
    "Each weight has a gradient: which way the cost rises, and how steeply. Now and then it is so steep that "
    "one step would undo hours of training. So all are clipped together, as one long vector: if its "
    "norm is above {ceiling:g}, one factor scales it down and the direction stays."
)
BELOW = "Here it is below: {ceiling:g} changes nothing, {half:.3g} would halve all. "
ABOVE = "Here it is above. "
STEEPEST = "The steepest is that of {name}"
WHY = ": each of {count} words adds its whole error to it, and to the others its error times far smaller numbers"


def show(subject: Subject) -> Iterator[Page]:
    """Show the gradients of the first window's cost; the optimizer measures their norm in a step of rate 0."""
    trainer, reading = subject.trainer(), subject.reading
    model, ceiling = trainer.model, subject.settings.training.max_grad_norm

    # tour shows: backward
    hidden, _ = model(reading.inputs, trainer.recurrent_state, trainer.dropout_stream)
    cost = model.word_nats(hidden, reading.targets).sum() / len(reading.targets)
    cost.backward()  # type: ignore[no-untyped-call]

    norms = {name: gradient_norm(weights) for name, weights in named_weights(model).items()}
    norm = float(trainer.optimizer.step(0.0, ceiling))

    factors = [min(1.0, ceiling / norm), 0.5]
    steepest, *rest = sorted(norms, key=lambda name: -norms[name])
    rows = tuple((name, *_figures(norms[name], factors)) for name in (steepest, *rest))
    table = Table(
        ("gradient of", "norm", f"at {ceiling:g}", f"at {norm / 2:.3g}"),
        (*rows, ("all as one", *_figures(norm, factors))),
        is_answer=True,
    )
    by_hand = math.sqrt(sum(norm**2 for norm in norms.values()))
    code = excerpt(type(trainer.optimizer).step, *(["clip"] if isinstance(trainer.optimizer, SGD) else []))
    is_explained = steepest == "softmax_b" and not subject.trained
    yield Page(
        WORDS.format(ceiling=ceiling),
        (excerpt(show, "backward"), code),
        (Frame("Norms, and clipped at two ceilings", (table,)),),
        (
            holds(
                f"all as one: the root of the sum of squares, {by_hand:.4f}",
                true=math.isclose(norm, by_hand, rel_tol=1e-4),
            ),
        ),
        question="Which weights have the steepest gradient, and why?",
        answer=(BELOW if norm < ceiling else ABOVE).format(ceiling=ceiling, half=norm / 2)
        + STEEPEST.format(name=steepest)
        + (WHY.format(count=reading.targets.numel()) if is_explained else "")
        + ".",
    )


def gradient_norm(weights: torch.nn.Parameter) -> float:
    """Return the norm of a tensor's gradient; rows that occur twice in a sparse one are summed first."""
    gradient = weights.grad
    if gradient is None:
        return 0.0
    return float((gradient.coalesce().values() if gradient.is_sparse else gradient).norm())


def _figures(norm: float, factors: list[float]) -> tuple[str, ...]:
    return tuple(f"{norm * factor:.3f}" for factor in (1.0, *factors))


LESSON = Lesson("Gradients, and clipping", show)
