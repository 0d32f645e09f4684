"""Step: autograd on a function of two numbers."""

from collections.abc import Iterator

import torch

from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Frame, Lesson, Page, Table
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject

WORDS = (
    "Before the gradients of many weights, those of two numbers. Autograd records each operation on a tensor; "
    "backward() walks the record from the result to its inputs. It could do the same for the LSTM and its "
    "softmax. On a CPU a hand-written gradient is faster, so ptbterm has one; its tests compare it with "
    "autograd's."
)
ANSWER = "By hand, dz/dx = 4x + 3y and dz/dy = 3x; autograd finds them without being given these formulas."


def toy_gradient() -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
    """Return z = 2x^2 + 3xy at x = 1, y = 2, dz/dx and dz/dy."""
    x = torch.tensor(1.0, requires_grad=True)
    y = torch.tensor(2.0, requires_grad=True)
    z = 2 * x**2 + 3 * x * y
    z.backward()  # type: ignore[no-untyped-call]
    return z.detach(), x.grad, y.grad


def show(subject: Subject) -> Iterator[Page]:  # noqa: ARG001
    """Show the value and both derivatives; no model is needed."""
    z, dz_dx, dz_dy = (float(number) for number in toy_gradient() if number is not None)
    rows = (
        ("z", f"{z:g}", "2 + 6"),
        ("dz/dx", f"{dz_dx:g}", "4 x 1 + 3 x 2"),
        ("dz/dy", f"{dz_dy:g}", "3 x 1"),
    )
    yield Page(
        WORDS,
        (excerpt(toy_gradient),),
        (Frame("x = 1, y = 2", (Table(("", "autograd", "by hand"), rows, is_answer=True),)),),
        (holds(f"{z:g}, {dz_dx:g}, {dz_dy:g}, as in the notebook", true=(z, dz_dx, dz_dy) == (8, 10, 3)),),
        question="What are z, dz/dx and dz/dy at x = 1, y = 2?",
        answer=ANSWER,
    )


LESSON = Lesson("A toy gradient", show)
