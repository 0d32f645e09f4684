"""The interface of a recurrent cell, which the stack, the trainer and the scorer use."""

from collections.abc import Callable
from typing import Any, Protocol

import torch

from ptbterm.settings.schema import ModelSettings

State = tuple[torch.Tensor, ...]
"""What is carried from step to step: one tensor for each of the cell's `state_names`."""


class Cell(Protocol):
    """One recurrent layer run over time; a `torch.nn.Module` built from the `ModelSettings`."""

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the state's tensors, as a checkpoint writes them."""

    @property
    def min_uniform_steps(self) -> int:
        """The minimum number of steps in a call for a step's numbers not to depend on how many follow it.

        1 for a cell with a single way of computing. A scorer pads shorter texts to it, so that a text's numbers
        do not depend on the texts beside it.
        """

    def reset_parameters(self, stream: torch.Generator) -> None:
        """Draw the first weights, on the CPU, from `stream`."""

    def new_workspace(self) -> Any:
        """Return the memory that `forward` may keep for one layer between calls, None for none."""

    def __call__(self, inputs: torch.Tensor, state: State, workspace: Any) -> tuple[torch.Tensor, State]:
        """Read inputs (steps, batch, hidden) from a state of tensors (batch, hidden).

        Returns outputs of the inputs' shape, and the state after the last step.
        """


CellBuilder = Callable[[ModelSettings], Cell]
