"""Step: stacked layers, and the single cell that the notebook uses twice."""

from collections.abc import Iterator

import torch

from ptbterm.lessons import notebook
from ptbterm.lessons.checks import equals, holds, largest_difference
from ptbterm.lessons.lesson import Frame, HeatMap, Lesson, Page, Table
from ptbterm.lessons.scale import usual_size
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject, named_weights
from ptbterm.model.stack import Stack
from ptbterm.settings.schema import ModelSettings

ONE = (
    "This model has one layer. The notebook stacks two: the second reads the outputs of the first, and has its "
    "own state. But it lists the same cell object twice, so the two share their weights: a slip that TensorFlow "
    "did not report."
)
TWO = "The second layer reads the outputs of the first, and has its own state. "
MORE = "Each layer above the first reads the outputs of the one below, and has its own state. "
RESIDUAL = "A residual connection adds its input to its output, so that little is lost on the way up. "
SHARED = (
    "The notebook lists the same cell object twice, so {all} layers have one kernel and one bias: a slip that "
    "TensorFlow did not report. It is reproduced here; all presets but notebook have one cell per layer."
)
OWN = (
    "This model has one cell per layer. The notebook lists the same cell object twice, so its layers share their "
    "weights: a slip that TensorFlow did not report."
)


def show(subject: Subject) -> Iterator[Page]:
    """Run the layers one by one, and show the last step of the first row after each."""
    reading, model = subject.reading, subject.model
    stack, settings = model.stack, model.settings
    outputs, after_each = reading.vectors, []
    with torch.no_grad():
        for number in range(settings.num_layers):
            below, zeros = outputs, torch.zeros_like(outputs[0])
            cell = stack.layer(number)
            outputs, _ = cell(below, (zeros,) * len(cell.state_names), cell.new_workspace())
            if settings.residual and number > 0:
                outputs = outputs + below
            after_each.append(outputs[-1, 0])
    rows = torch.stack(after_each)
    bound = usual_size(rows)
    last_word = subject.words(reading.inputs[0])[-1]
    labels = tuple(f"layer {number + 1}" for number in range(settings.num_layers))
    weights = named_weights(model)
    total = sum(tensor.numel() for tensor in weights.values())
    shapes = tuple((name, f"{tuple(tensor.shape)}", f"{tensor.numel():,}") for name, tensor in weights.items())
    frame = Frame(
        f"{_counted(settings.num_layers, 'layer')}, {_counted(len(stack.layers), 'cell')}: after “{last_word}”",
        (
            HeatMap("h", labels, rows.numpy(), -bound, bound),
            Table(("weights", "shape", "numbers"), (*shapes, ("total", "", f"{total:,}"))),
        ),
    )
    checks = [equals("the layers run one by one", largest_difference(outputs, reading.outputs))]
    if settings.shared_cell and settings.num_layers > 1:
        is_shared = all(stack.layer(number) is stack.layer(0) for number in range(settings.num_layers))
        checks.append(holds(f"{_all(settings.num_layers)} layers are one object", true=is_shared))
    yield Page(
        _words(settings),
        (excerpt(Stack.forward, "layers"), excerpt(Stack.layer)),
        (frame,),
        (
            *checks,
            subject.as_in_the_notebook("trained tensors", f"{len(weights)}", "5"),
            subject.as_in_the_notebook("numbers in them", f"{total:,}", f"{notebook.PARAMETERS:,}"),
        ),
    )


def _words(settings: ModelSettings) -> str:
    if settings.num_layers == 1:
        return ONE
    stacked = TWO if settings.num_layers == 2 else MORE
    cells = SHARED.format(all=_all(settings.num_layers)) if settings.shared_cell else OWN
    return stacked + (RESIDUAL if settings.residual else "") + cells


def _all(layers: int) -> str:
    return "both" if layers == 2 else "all"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


LESSON = Lesson("Stacked layers", show)
