"""Recurrent layers on top of each other, each with its own cell, or all with one cell as in the notebook."""

from functools import partial
from typing import cast

import torch
from torch import nn

from ptbterm.model.cells.cell import Cell, CellBuilder, State
from ptbterm.model.dropout import dropout
from ptbterm.settings.schema import ModelSettings


class Stack(nn.Module):
    """`num_layers` recurrent layers, with dropout on the input of the first and on the output of each.

    With `residual`, each layer after the first adds its input to its output.
    """

    def __init__(self, settings: ModelSettings, build_cell: CellBuilder) -> None:
        super().__init__()
        self.settings = settings
        cells = [build_cell(settings) for _ in range(1 if settings.shared_cell else settings.num_layers)]
        self.layers = nn.ModuleList(cast("list[nn.Module]", cells))
        self._workspaces = [self.layer(number).new_workspace() for number in range(settings.num_layers)]

    def layer(self, number: int) -> Cell:
        """Return the cell of a layer, counted from 0."""
        return cast("Cell", self.layers[0 if self.settings.shared_cell else number])

    def reset_parameters(self, stream: torch.Generator) -> None:
        """Draw every cell's weights."""
        for number in range(len(self.layers)):
            self.layer(number).reset_parameters(stream)

    def zero_state(self, batch_size: int) -> State:
        """Return the state before the first word: zeros (layers, batch, hidden), on the weights' device."""
        weights = next(self.layers.parameters()).detach()
        shape = (self.settings.num_layers, batch_size, self.settings.hidden_size)
        return tuple(weights.new_zeros(shape) for _ in self.layer(0).state_names)

    def forward(
        self, inputs: torch.Tensor, state: State, stream: torch.Generator | None
    ) -> tuple[torch.Tensor, State]:
        """Read inputs (steps, batch, hidden) from a state of tensors (layers, batch, hidden).

        Returns outputs of the inputs' shape, and the state after the last step. Dropout draws from `stream`.
        """
        keep_prob = self.settings.keep_prob if self.training else 1.0
        drop = partial(dropout, keep_prob=keep_prob, stream=stream, mask=self.settings.dropout_mask)
        outputs, ends = drop(inputs), []
        # tour shows: layers
        for number in range(self.settings.num_layers):
            below, before = outputs, tuple(part[number] for part in state)
            outputs, after = self.layer(number)(below, before, self._workspaces[number])
            if self.settings.residual and number > 0:
                outputs = outputs + below
            outputs = drop(outputs)
            ends.append(after)

        return outputs, tuple(torch.stack(part) for part in zip(*ends, strict=True))
