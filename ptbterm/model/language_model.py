"""The network: embedding, recurrent layers, softmax. State is passed in and returned; the model keeps none."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from ptbterm.model.candidates import Candidates
from ptbterm.model.cells.cell import CellBuilder, State
from ptbterm.model.cells.lstm import LSTMCell
from ptbterm.model.random_streams import random_stream
from ptbterm.model.softmax import Softmax
from ptbterm.model.stack import Stack
from ptbterm.model.tensor_names import name_in_checkpoint
from ptbterm.settings.schema import ModelSettings

SoftmaxBuilder = Callable[[ModelSettings, nn.Parameter], Softmax]
"""Builds a softmax from the settings and the embedding, which a tied one shares."""


class LanguageModel(nn.Module):
    """Word-level LSTM language model (Zaremba et al. 2014, as in TensorFlow's PTB tutorial)."""

    def __init__(
        self,
        settings: ModelSettings,
        vocabulary_size: int,
        build_cell: CellBuilder = LSTMCell,
        build_softmax: SoftmaxBuilder = Softmax,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.vocabulary_size = vocabulary_size
        self.embedding = nn.Parameter(torch.empty(vocabulary_size, settings.hidden_size))
        self.softmax = build_softmax(settings, self.embedding)
        self.stack = Stack(settings, build_cell)

    def reset_parameters(self, seed: int, word_counts: torch.Tensor | None = None) -> None:
        """Draw the first weights, on the CPU: the embedding uniformly from -init_scale..init_scale.

        `word_counts`, (vocabulary,), are how often each word is in the training text.
        """
        stream, scale = random_stream(seed, "initialisation"), self.settings.init_scale
        nn.init.uniform_(self.embedding, -scale, scale, generator=stream)
        self.stack.reset_parameters(stream)
        self.softmax.reset_parameters(stream, word_counts)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.device

    @property
    def min_uniform_steps(self) -> int:
        """The minimum number of steps in a call for a step's numbers not to depend on how many follow it."""
        return self.stack.layer(0).min_uniform_steps

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the state's tensors, in their order."""
        return self.stack.layer(0).state_names

    def zero_state(self, batch_size: int) -> State:
        """Return the state before the first word: zeros, each tensor (layers, batch, hidden)."""
        return self.stack.zero_state(batch_size)

    def forward(
        self, ids: torch.Tensor, state: State, stream: torch.Generator | None = None
    ) -> tuple[torch.Tensor, State]:
        """Read ids (batch, steps) from a state of tensors (layers, batch, hidden).

        Returns hidden (batch, steps, hidden), and the state after the last step. In training, dropout draws from
        `stream`.
        """
        # tour shows: lookup
        vectors = functional.embedding(ids.t(), self.embedding, sparse=not self.settings.tied)

        # tour shows: scale
        if self.settings.embedding_scale != 1:
            vectors = vectors * self.settings.embedding_scale

        outputs, state = self.stack(vectors, state, stream)
        # tour shows: outputs
        return outputs.transpose(0, 1), state

    def word_nats(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return each target's loss (nats), (batch * steps,), row by row as in the notebook."""
        # tour shows: rows
        rows = hidden.reshape(-1, self.settings.hidden_size)
        return self.softmax.nats(rows, targets.reshape(-1))

    def sampled_word_nats(self, hidden: torch.Tensor, candidates: Candidates) -> torch.Tensor:
        """Return an estimate of `word_nats` from the scores of the candidates alone, the targets among them."""
        return self.softmax.sampled_nats(hidden.reshape(-1, self.settings.hidden_size), candidates)

    def log_probabilities(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the log-probability (nats) of every next word, (batch * steps, vocabulary)."""
        return self.softmax.log_probabilities(hidden.reshape(-1, self.settings.hidden_size))

    def named_weights(self) -> dict[str, nn.Parameter]:
        """Return the weights by their names in a checkpoint."""
        return {name_in_checkpoint(name): weights for name, weights in self.named_parameters()}
