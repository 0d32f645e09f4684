"""Step: layers on top of each other, and the one cell that the notebook uses twice."""

from collections.abc import Iterator

import torch

from ptbterm.lessons import notebook
from ptbterm.lessons.checks import equals, holds, largest_difference
from ptbterm.lessons.lesson import HeatMap, Lesson, Page, Table, View
from ptbterm.lessons.scale import usual_size
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject, named_weights
from ptbterm.model.recurrence import Workspace
from ptbterm.model.stacked_lstm import StackedLSTM

STACKED = "The second layer reads what the first shows, and has a state of its own. "
SHARED = (
    "The notebook lists one and the same cell object twice, so both layers have one kernel and one bias: a "
    "slip that TensorFlow let pass. It is reproduced here; all presets but notebook have a cell for each "
    "layer."
)
OWN = (
    "This model has a cell for each layer. The notebook lists one and the same cell object twice, so that its "
    "layers share their weights: a slip that TensorFlow let pass."
)


def show(subject: Subject) -> Iterator[Page]:
    """Run the layers one by one, and show the last step of the first row after each."""
    reading, model = subject.reading, subject.model
    lstm, settings = model.lstm, model.settings
    outputs, after_each = reading.vectors, []
    with torch.no_grad():
        for number in range(settings.num_layers):
            below, zeros = outputs, torch.zeros_like(outputs[0])
            outputs = lstm.layer(number)(below, zeros, zeros, Workspace())[0]
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
    cells = f"{len(lstm.layers)} {'cell' if len(lstm.layers) == 1 else 'cells'}"
    view = View(
        f"{settings.num_layers} layers, {cells}: after “{last_word}”",
        (
            HeatMap("h", labels, rows.numpy(), -bound, bound),
            Table(("weights", "shape", "numbers"), (*shapes, ("in all", "", f"{total:,}"))),
        ),
    )
    yield Page(
        STACKED + (SHARED if settings.shared_cell else OWN),
        (excerpt(StackedLSTM.forward, "for"), excerpt(StackedLSTM.layer)),
        (view,),
        (
            equals("the layers run one by one", largest_difference(outputs, reading.outputs)),
            *(
                [holds("both layers are one object", true=lstm.layer(0) is lstm.layer(settings.num_layers - 1))]
                if settings.shared_cell
                else []
            ),
            subject.as_in_the_notebook("trained tensors", f"{len(weights)}", "5"),
            subject.as_in_the_notebook("numbers in them", f"{total:,}", f"{notebook.PARAMETERS:,}"),
        ),
    )


LESSON = Lesson("Stacked layers", show)
