"""The gradients of a window by a CUDA graph."""

from collections.abc import Callable, Iterable, Sequence

import torch

from ptbterm.model.cells.cell import State
from ptbterm.model.cuda_graph import CudaGraph, Tensors

Gradients = Callable[[torch.Tensor, torch.Tensor, State], tuple[torch.Tensor, State]]
"""From inputs, targets and state to the cost and the state afterwards; leaves a gradient with each weight."""


class StepGraph:
    """Computes gradients as `compute` does; see `CudaGraph`. `streams` are its random streams."""

    def __init__(
        self, compute: Gradients, parameters: Iterable[torch.nn.Parameter], streams: Sequence[torch.Generator]
    ) -> None:
        self._compute, self._parameters = compute, list(parameters)
        self._graph = CudaGraph(self._tensors, streams)

    def __call__(self, inputs: torch.Tensor, targets: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Return the cost of a window and the state after it, which the next call overwrites."""
        cost, *rest = self._graph(inputs, targets, *state)
        state, gradients = tuple(rest[: len(state)]), rest[len(state) :]
        for weights, gradient in zip(self._parameters, gradients, strict=True):
            weights.grad = gradient
        return cost.clone(), state

    def _tensors(self, inputs: torch.Tensor, targets: torch.Tensor, *before: torch.Tensor) -> Tensors:
        cost, state = self._compute(inputs, targets, before)
        return cost, *state, *(weights.grad for weights in self._parameters if weights.grad is not None)
