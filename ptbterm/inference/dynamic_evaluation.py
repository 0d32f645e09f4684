"""A model that learns from what it reads: a step of gradient descent on each text, after the text was scored.

Dynamic evaluation (Mikolov et al. 2010; Krause et al. 2018, here with plain gradients); as a model of readers,
van Schijndel and Linzen 2018.
"""

import copy

import torch

from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel

LEARNING_RATE = 0.3
"""Of 0.03, 0.1, 0.3 and 1 the best for a `fast` model on the first 20,000 words of the Treebank's valid text."""
MAX_GRAD_NORM = 1.0
LONGEST = 100
"""Words of one step; a longer text takes several, the state carried on, the gradient not."""


class DynamicEvaluation:
    """Changes a copy of a model, `model`; without dropout."""

    def __init__(self, model: LanguageModel, learning_rate: float = LEARNING_RATE) -> None:
        with torch.inference_mode(mode=False):
            self.model = copy.deepcopy(model).eval().requires_grad_()
        self.learning_rate = learning_rate

    def learn(self, inputs: torch.Tensor, targets: torch.Tensor, state: State) -> None:
        """Make the targets likelier after the inputs, both (1, steps), read from `state`."""
        with torch.inference_mode(mode=False), torch.enable_grad():
            state = tuple(part.clone() for part in state)
            pieces, target_pieces = (torch.split(ids.clone(), LONGEST, dim=1) for ids in (inputs, targets))
            for piece, piece_targets in zip(pieces, target_pieces, strict=True):
                hidden, after = self.model(piece, state)
                self._step(self.model.word_nats(hidden, piece_targets).mean())
                state = tuple(part.detach() for part in after)

    def _step(self, loss: torch.Tensor) -> None:
        weights = list(self.model.parameters())
        gradients = torch.autograd.grad(loss, weights)
        squares = [_values(gradient).square().sum() for gradient in gradients]
        factor = (MAX_GRAD_NORM / (torch.stack(squares).sum().sqrt() + 1e-6)).clamp(max=1.0)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.add_(gradient * factor, alpha=-self.learning_rate)


def _values(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.coalesce().values() if gradient.is_sparse else gradient
