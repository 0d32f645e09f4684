"""Dynamic evaluation: a step of gradient descent on each text, after the text was scored.

Mikolov et al. 2010; Krause et al. 2018, here with plain gradients. As a model of how readers adapt: van Schijndel
and Linzen 2018.
"""

import copy

import torch

from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel

LEARNING_RATE = 0.3
"""The best of 0.03, 0.1, 0.3 and 1 for a `fast` model on the first 20,000 words of the Treebank's valid split."""
MAX_GRAD_NORM = 1.0
MAX_STEP_WORDS = 100
"""Words per gradient step; a longer text takes several, the state carried on, the gradient truncated."""


class DynamicEvaluation:
    """A copy of a model, `model`, that learns without dropout; the original stays as it is."""

    def __init__(
        self,
        model: LanguageModel,
        learning_rate: float = LEARNING_RATE,
        max_grad_norm: float = MAX_GRAD_NORM,
        max_step_words: int = MAX_STEP_WORDS,
    ) -> None:
        with torch.inference_mode(mode=False):
            self.model = copy.deepcopy(model).eval().requires_grad_()
        self.learning_rate = learning_rate
        self.max_grad_norm, self.max_step_words = max_grad_norm, max_step_words

    def learn(self, inputs: torch.Tensor, targets: torch.Tensor, state: State) -> None:
        """Raise the probability of the targets after the inputs, ids of shape (1, steps), read from `state`."""
        with torch.inference_mode(mode=False), torch.enable_grad():
            state = tuple(part.clone() for part in state)
            chunks = (torch.split(ids.clone(), self.max_step_words, dim=1) for ids in (inputs, targets))
            for chunk_inputs, chunk_targets in zip(*chunks, strict=True):
                hidden, next_state = self.model(chunk_inputs, state)
                self._step(self.model.word_nats(hidden, chunk_targets).mean())
                state = tuple(part.detach() for part in next_state)

    def _step(self, loss: torch.Tensor) -> None:
        weights = list(self.model.parameters())
        gradients = torch.autograd.grad(loss, weights)
        squares = [_values(gradient).square().sum() for gradient in gradients]
        factor = (self.max_grad_norm / (torch.stack(squares).sum().sqrt() + 1e-6)).clamp(max=1.0)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.add_(gradient * factor, alpha=-self.learning_rate)


def _values(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.coalesce().values() if gradient.is_sparse else gradient
