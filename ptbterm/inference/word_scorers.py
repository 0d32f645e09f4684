"""Sources of per-word nats: all that evaluation asks of a language model, a baseline, or a mixture of them."""

from typing import Any, Protocol

import numpy.typing as npt
import torch

from ptbterm.corpus.windows import cut_rows
from ptbterm.errors import PtbtermError
from ptbterm.inference.dynamic_evaluation import DynamicEvaluation
from ptbterm.inference.neural_cache import CacheState, NeuralCache
from ptbterm.model.cuda_graph import CudaGraph, Tensors
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.mode import evaluating
from ptbterm.settings.choices import Adapt

STREAM_STEPS = 256
DYNAMIC_STEPS = 20
"""Words between two steps of dynamic evaluation; a smaller number learns sooner and costs more."""


class WordScorer(Protocol):
    """Anything that gives each word of a text a probability after the words before it."""

    @property
    def steps(self) -> int:
        """The number of words of a stream to score in one call."""

    def reset(self, rows: int) -> None:
        """Start `rows` new texts, read in parallel; drop the state of earlier ones."""

    def nats(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return -log p of each target (nats), (rows, steps), on any device.

        `inputs` and `targets` are ids on the CPU, (rows, steps): each target follows the input in its place, and
        each row continues the same row of the call before.
        """


class ModelScorer:
    """A model without dropout, which may adapt to the text: by a cache, by learning from it, or by both.

    `steps` is the length of a window of a stream; with dynamic evaluation also that of a learning step.
    """

    def __init__(self, model: LanguageModel, adapt: Adapt = "none", steps: int | None = None) -> None:
        self._learner = DynamicEvaluation(model) if adapt in {"dynamic", "both"} else None
        self._model = self._learner.model if self._learner else model
        self._has_cache = adapt in {"cache", "both"}
        self.steps = steps or (DYNAMIC_STEPS if self._learner else STREAM_STEPS)

    def reset(self, rows: int) -> None:
        """Start `rows` new texts. Raises `PtbtermError` for more than one if the model adapts."""
        if rows > 1 and (self._learner or self._has_cache):
            raise PtbtermError("A model can only adapt to one stream, not to rows of text side by side.")
        self._state = self._model.zero_state(rows)
        self._cache = CacheState(NeuralCache()) if self._has_cache else None
        is_fixed_on_cuda = self._model.device.type == "cuda" and not self._learner
        self._score = CudaGraph(self._read) if is_fixed_on_cuda else self._read

    def nats(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the nats of the targets, then learn from them."""
        inputs, targets = inputs.to(self._model.device), targets.to(self._model.device)
        before = self._state
        nats, hidden, *after = self._score(inputs, targets, *before)  # overwritten by the next call on CUDA
        self._state = tuple(after)
        if self._cache:
            nats = self._cache.word_nats(nats, hidden[0].clone(), targets[0])
        if self._learner:
            self._learner.learn(inputs, targets, before)
        return nats.clone().view(targets.shape)

    def _read(self, inputs: torch.Tensor, targets: torch.Tensor, *before: torch.Tensor) -> Tensors:
        """Return nats (rows * steps,), outputs (rows, steps, hidden), and the state after them."""
        with evaluating(self._model):
            hidden, after = self._model(inputs, before)
            return self._model.word_nats(hidden, targets), hidden, *after


class PrecomputedScorer:
    """Nats computed beforehand for every word of one text, in order: by a grammar, or by another program."""

    steps = STREAM_STEPS

    def __init__(self, word_nats: npt.NDArray[Any]) -> None:
        self._word_nats = torch.from_numpy(word_nats)

    def reset(self, rows: int) -> None:
        """Start the text again, cut into `rows` as `evaluate` cuts it."""
        self._rows, self._words_read = cut_rows(self._word_nats, rows), 0

    def nats(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - known beforehand
        """Return the nats of the words in the targets' places."""
        first = self._words_read + 1
        self._words_read += targets.shape[1]
        return self._rows[:, first : first + targets.shape[1]]
