"""Step: one LSTM cell over the time steps of a window: gates, memory, output."""

from collections.abc import Iterator
from typing import cast

import torch
from torch import nn

from ptbterm.lessons.checks import equals, largest_difference
from ptbterm.lessons.lesson import Frame, HeatMap, Lesson, Matrix, Page
from ptbterm.lessons.scale import usual_size
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject
from ptbterm.model.cells import lstm
from ptbterm.model.cells.lstm import LSTMCell

WORDS = (
    "A cell keeps a memory c and outputs a part of it as h. Three gates, a number from 0 to 1 for each unit, "
    "decide what enters (i), what stays (f) and what is output (o); j is the candidate content. "
)
UNTRAINED = "Untrained, all gates sit near 0.5: nothing is decided yet. Step by step, c grows from 0."
TRAINED = "Trained, gates open and close from word to word, and c keeps what later words need."


def show(subject: Subject) -> Iterator[Page]:
    """Run the first layer word by word, and show its first row."""
    reading, layer = subject.reading, cast("LSTMCell", subject.model.stack.layer(0))
    h = c = torch.zeros_like(reading.vectors[0])
    gates: dict[str, list[torch.Tensor]] = {"input  i": [], "forget f": [], "output o": []}
    values: dict[str, list[torch.Tensor]] = {"new    j": [], "memory c": [], "output h": []}
    with torch.no_grad():
        for word in reading.vectors:
            i, f, j, o = lstm.gates(word, h, layer.kernel, layer.bias)
            h, c = lstm.step(word, h, c, layer.kernel, layer.bias)
            for kept, tensor in zip((*gates.values(), *values.values()), (i, f, o, j, c, h), strict=True):
                kept.append(tensor)
    outputs = torch.stack(values["output h"])
    gate_rows, value_rows = (_first_row(tensors) for tensors in (gates, values))
    low, high = float(gate_rows.min()), float(gate_rows.max())
    bound = usual_size(torch.from_numpy(value_rows))
    words, steps = subject.words(reading.inputs[0]), len(reading.vectors)
    frames = tuple(
        Frame(
            f"Time step {step + 1} of {steps}: “{words[step]}”",
            (
                HeatMap("gates", tuple(gates), gate_rows[step], low, high),
                HeatMap("values", tuple(values), value_rows[step], -bound, bound),
            ),
        )
        for step in range(steps)
    )
    yield Page(
        WORDS + (TRAINED if subject.trained else UNTRAINED),
        (excerpt(lstm.step), excerpt(lstm.gates)),
        frames,
        (equals("nn.LSTM", largest_difference(outputs, _by_torch(layer, reading.vectors))),),
        walk="time step",
    )


def _first_row(tensors: dict[str, list[torch.Tensor]]) -> Matrix:
    """Return the first row of the tensors (batch, units) of each step: (steps, names, units)."""
    rows: Matrix = torch.stack([torch.stack(steps)[:, 0] for steps in tensors.values()], dim=1).numpy().copy()
    return rows


@torch.no_grad()
def _by_torch(layer: LSTMCell, inputs: torch.Tensor) -> torch.Tensor:
    """Return what torch's own module makes of inputs (steps, batch, input) with the weights of a layer."""
    size = layer.settings.hidden_size
    twin = nn.LSTM(size, size)
    twin.load_state_dict(
        {
            "weight_ih_l0": layer.kernel[:size].t(),
            "weight_hh_l0": layer.kernel[size:].t(),
            "bias_ih_l0": layer.bias,
            "bias_hh_l0": torch.zeros_like(layer.bias),
        }
    )
    outputs: torch.Tensor = twin(inputs)[0]
    return outputs


LESSON = Lesson("One LSTM cell, opened", show)
