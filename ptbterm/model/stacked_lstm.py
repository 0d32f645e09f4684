"""LSTM layers on top of each other: each with its own cell, or all with one shared cell as in the notebook.

A cell has the notebook's two tensors, in the notebook's shapes: `kernel` (input + hidden, 4 * hidden) and
`bias` (4 * hidden). The kernel's first rows meet the input, the others the previous output h. Its columns are
four blocks of `hidden` in PyTorch's order: input gate i, forget gate f, new content j (PyTorch's g), output
gate o; TensorFlow's order is i, j, f, o. So PyTorch's `weight_ih` is `kernel[:input].T`, its `weight_hh` is
`kernel[input:].T`, and `bias` is the sum of its two biases.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, cast

import torch
from torch import nn

from ptbterm.model import cell, recurrence
from ptbterm.model.dropout import dropout
from ptbterm.model.recurrence import Workspace
from ptbterm.settings.schema import ModelSettings

FEW_STEPS = 10
"""So many steps are faster one by one: measured for hidden sizes of 200 to 1,500."""


class LSTMState(NamedTuple):
    """What the layers remember: h and c, each of shape (layers, batch, hidden)."""

    h: torch.Tensor
    c: torch.Tensor

    def detach(self) -> "LSTMState":
        """Return the same numbers, cut off from the graph that made them."""
        return LSTMState(self.h.detach(), self.c.detach())


class LSTMLayer(nn.Module):
    """One LSTM cell run over time: by our own code on a CPU in training and over a few steps, else by torch's."""

    _second_bias: torch.Tensor

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.sizes = [input_size, hidden_size]
        self.kernel = nn.Parameter(torch.empty(input_size + hidden_size, 4 * hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        self.register_buffer("_second_bias", torch.zeros(4 * hidden_size), persistent=False)

    def reset_parameters(self, init_scale: float, forget_bias: float, stream: torch.Generator) -> None:
        """Draw the kernel uniformly from -init_scale..init_scale; the bias is 0, `forget_bias` for gate f."""
        hidden_size = self.sizes[1]
        nn.init.uniform_(self.kernel, -init_scale, init_scale, generator=stream)
        nn.init.zeros_(self.bias)
        nn.init.constant_(self.bias[hidden_size : 2 * hidden_size], forget_bias)

    def forward(
        self, inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor, workspace: Workspace
    ) -> tuple[torch.Tensor, ...]:
        """From inputs (steps, batch, input), h and c (batch, hidden) to outputs, h and c of like shapes."""
        if self.training and inputs.device.type == "cpu":
            return recurrence.lstm(inputs, h, c, self.kernel, self.bias, workspace)
        if len(inputs) <= FEW_STEPS and inputs.device.type == "cpu":
            return cell.steps(inputs, h, c, self.kernel, self.bias)
        input_rows, hidden_rows = torch.split(self.kernel, self.sizes)
        weights = [input_rows.t(), hidden_rows.t(), self.bias, self._second_bias]
        outputs, h, c = torch.lstm(
            inputs,
            [h[None], c[None]],
            in_one_piece(weights) if inputs.is_cuda else weights,
            has_biases=True,
            num_layers=1,
            dropout=0.0,
            train=torch.is_grad_enabled(),  # cuDNN keeps what a gradient needs only where it is told so
            bidirectional=False,
            batch_first=False,
        )
        return outputs, h[0], c[0]


def in_one_piece(parts: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the same tensors, one behind the other in memory: as cuDNN wants the weights of a layer.

    Otherwise torch puts them together for it at each call, and warns each time.
    """
    whole = torch.cat([part.reshape(-1) for part in parts])
    pieces = torch.split(whole, [part.numel() for part in parts])
    return [piece.view(part.shape) for piece, part in zip(pieces, parts, strict=True)]


class StackedLSTM(nn.Module):
    """`num_layers` LSTM layers, with dropout on what goes into the first and on what comes out of each.

    With `residual`, each after the first adds what goes into it to what comes out.
    """

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        size, cells = settings.hidden_size, 1 if settings.shared_cell else settings.num_layers
        self.layers = nn.ModuleList(LSTMLayer(size, size) for _ in range(cells))
        self._workspaces = [Workspace() for _ in range(settings.num_layers)]

    def layer(self, number: int) -> LSTMLayer:
        """Return the cell that works at a layer, counted from 0."""
        return cast("LSTMLayer", self.layers[0 if self.settings.shared_cell else number])

    def reset_parameters(self, stream: torch.Generator) -> None:
        """Draw every cell's weights."""
        for number in range(len(self.layers)):
            self.layer(number).reset_parameters(self.settings.init_scale, self.settings.forget_bias, stream)

    def zero_state(self, batch_size: int) -> LSTMState:
        """Return the state before the first word: zeros, on the weights' device."""
        shape = (self.settings.num_layers, batch_size, self.settings.hidden_size)
        zeros = self.layer(0).bias.detach().new_zeros(shape)
        return LSTMState(zeros, zeros.clone())

    def forward(
        self, inputs: torch.Tensor, state: LSTMState, stream: torch.Generator | None
    ) -> tuple[torch.Tensor, LSTMState]:
        """From inputs (steps, batch, hidden) to outputs of the same shape and the state after them."""
        keep_prob = self.settings.keep_prob if self.training else 1.0
        drop = partial(dropout, keep_prob=keep_prob, stream=stream, mask=self.settings.dropout_mask)
        outputs, ends = drop(inputs), []
        # tour shows: layers
        for number in range(self.settings.num_layers):
            below = outputs
            outputs, h, c = self.layer(number)(below, state.h[number], state.c[number], self._workspaces[number])
            if self.settings.residual and number > 0:
                outputs = outputs + below
            outputs = drop(outputs)
            ends.append((h, c))

        h, c = (torch.stack(part) for part in zip(*ends, strict=True))
        return outputs, LSTMState(h, c)
