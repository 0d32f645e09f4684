"""Optimizers: SGD as in the notebook, and AdamW; both clip gradients by global norm."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import torch

from ptbterm.settings.schema import TrainingSettings

NamedWeights = Iterable[tuple[str, torch.nn.Parameter]]

BETAS = (0.9, 0.99)
"""AdamW's; 0.99 in place of torch's 0.999 because a training may have only a few thousand windows."""


class Optimizer(Protocol):
    """The interface that the trainer expects of an optimizer."""

    def step(self, rate: float, max_grad_norm: float) -> torch.Tensor:
        """Update the weights with gradients clipped to a global norm; return the norm before clipping.

        The norm stays on the device. The gradient of an embedding that is not tied is sparse.
        """

    def state_dict(self) -> Mapping[str, torch.Tensor]:
        """Return the tensors that a checkpoint must hold, by name."""

    def load_state_dict(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Restore what `state_dict` returned."""


class SGD:
    """weights -= rate * gradient, with clipping in the same pass over the weights."""

    def __init__(self, parameters: NamedWeights) -> None:
        self._parameters = [weights for _, weights in parameters]

    @torch.no_grad()
    def step(self, rate: float, max_grad_norm: float) -> torch.Tensor:
        """Update the weights with clipped gradients; return the global norm before clipping."""
        gradients = [weights.grad for weights in self._parameters if weights.grad is not None]

        # tour shows: clip
        norm = torch.stack([_sum_of_squares(gradient) for gradient in gradients]).sum().sqrt()
        factor = (max_grad_norm / (norm + 1e-6)).clamp(max=1.0)

        # tour shows: update
        for weights, gradient in zip(self._parameters, gradients, strict=True):
            if gradient.is_sparse:
                (rows,), values = gradient._indices(), gradient._values()
                _add_rows(weights, rows, values * factor, -rate)
            else:
                weights.addcmul_(gradient, factor, value=-rate)

        return norm

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return no tensors: SGD has no state."""
        return {}

    def load_state_dict(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Do nothing: SGD has no state."""


def _sum_of_squares(gradient: torch.Tensor) -> torch.Tensor:
    # TensorFlow's clip_by_global_norm takes the norm of a sparse gradient's rows before equal rows are added up,
    # which differs in the fifth digit. This is the norm of the gradient itself.
    if gradient.is_sparse:
        gradient = _summed_rows(gradient)
    return torch.dot(gradient.reshape(-1), gradient.reshape(-1))


def _summed_rows(gradient: torch.Tensor) -> torch.Tensor:
    """Return the values of a sparse gradient with equal rows summed into one of them, zeros in the others.

    Like `coalesce`, but of a fixed shape, so that nothing waits for the device.
    """
    (rows,), values = gradient._indices(), gradient._values()
    numbers = torch.arange(len(rows), device=rows.device)
    place_of = torch.empty(len(gradient), dtype=numbers.dtype, device=rows.device)
    place_of.scatter_reduce_(0, rows, numbers, "amax", include_self=False)
    return _add_rows(torch.zeros_like(values), place_of[rows], values)


def _add_rows(sums: torch.Tensor, rows: torch.Tensor, values: torch.Tensor, factor: float = 1.0) -> torch.Tensor:
    """Add `factor * values` (places, columns) to `rows` of `sums`; equal rows add up in a fixed order.

    On CUDA `index_add_` would add that in any order, and a run could not be repeated to the bit.
    """
    if sums.is_cuda:
        return sums.index_put_((rows,), values * factor, accumulate=True)
    return sums.index_add_(0, rows, values, alpha=factor)


def _dense(gradient: torch.Tensor) -> torch.Tensor:
    """Return a sparse gradient as a matrix, equal rows added up in a fixed order."""
    (rows,), values = gradient._indices(), gradient._values()
    return _add_rows(torch.zeros(gradient.shape, dtype=values.dtype, device=values.device), rows, values)


def _mark_changed(parameters: Iterable[torch.Tensor]) -> None:
    """Count a change of the weights, which torch's fused kernel leaves out."""
    for weights in parameters:
        torch.autograd.graph.increment_version(weights)


class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019): torch's, fused on CPU and CUDA."""

    def __init__(self, parameters: NamedWeights, weight_decay: float) -> None:
        self._names, self._parameters = zip(*parameters, strict=True)
        fused = self._parameters[0].device.type in {"cpu", "cuda"}
        self._optimizer = torch.optim.AdamW(
            self._parameters, lr=0.0, betas=BETAS, weight_decay=weight_decay, fused=fused
        )
        for (
            weights
        ) in self._parameters:  # torch creates this at the first step; a checkpoint before it needs it too
            self._optimizer.state[weights] = {
                "step": torch.zeros((), device=weights.device if fused else "cpu"),
                "exp_avg": torch.zeros_like(weights),
                "exp_avg_sq": torch.zeros_like(weights),
            }

    def step(self, rate: float, max_grad_norm: float) -> torch.Tensor:
        """Update the weights with clipped gradients; return the global norm before clipping."""
        for weights in self._parameters:
            if weights.grad is not None and weights.grad.is_sparse:
                weights.grad = _dense(weights.grad)
        norm = torch.nn.utils.clip_grad_norm_(self._parameters, max_grad_norm)
        self._optimizer.param_groups[0]["lr"] = rate
        self._optimizer.step()
        _mark_changed(self._parameters)
        return norm

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return exp_avg, exp_avg_sq and step of each weight, named such as `exp_avg.embedding`."""
        return {
            f"{kind}.{name}": tensor
            for name, weights in zip(self._names, self._parameters, strict=True)
            for kind, tensor in self._optimizer.state[weights].items()
        }

    def load_state_dict(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Restore what `state_dict` returned."""
        for name, weights in zip(self._names, self._parameters, strict=True):
            state = self._optimizer.state[weights]
            state |= {kind: tensors[f"{kind}.{name}"].to(tensor.device) for kind, tensor in state.items()}


def build_optimizer(settings: TrainingSettings, parameters: NamedWeights) -> Optimizer:
    """Return the optimizer named in the settings."""
    return SGD(parameters) if settings.optimizer == "sgd" else AdamW(parameters, settings.weight_decay)
