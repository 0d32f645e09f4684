"""The network: embedding, recurrent layers, softmax. State is passed in and returned; the model keeps none."""

import torch
from torch import nn
from torch.nn import functional

from ptbterm.model import softmax
from ptbterm.model.candidates import Candidates
from ptbterm.model.cells.cell import CellBuilder, State
from ptbterm.model.cells.lstm import LSTMCell
from ptbterm.model.random_streams import random_stream
from ptbterm.model.stack import Stack
from ptbterm.settings.schema import ModelSettings


class LanguageModel(nn.Module):
    """Word-level LSTM language model (Zaremba et al. 2014, as in TensorFlow's PTB tutorial)."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int, build_cell: CellBuilder = LSTMCell) -> None:
        super().__init__()
        self.settings = settings
        self.embedding = nn.Parameter(torch.empty(vocabulary_size, settings.hidden_size))
        self.softmax_weight = (
            None if settings.tied else nn.Parameter(torch.empty(settings.hidden_size, vocabulary_size))
        )
        self.softmax_bias = nn.Parameter(torch.empty(vocabulary_size))
        self.lstm = Stack(settings, build_cell)

    def reset_parameters(self, seed: int, word_counts: torch.Tensor | None = None) -> None:
        """Draw the weights uniformly from -init_scale..init_scale, on the CPU; the LSTM's bias starts at 0.

        So does the output's, or, with output_bias = unigram, at the logarithm of each word's share in
        `word_counts`, (vocabulary,).
        """
        stream = random_stream(seed, "initialisation")
        scale = self.settings.init_scale
        nn.init.uniform_(self.embedding, -scale, scale, generator=stream)
        self.lstm.reset_parameters(stream)
        if self.softmax_weight is not None:
            nn.init.uniform_(self.softmax_weight, -scale, scale, generator=stream)
        nn.init.zeros_(self.softmax_bias)
        if word_counts is not None and self.settings.output_bias == "unigram":
            with torch.no_grad():
                self.softmax_bias.copy_((word_counts.clamp(min=1) / word_counts.sum()).log())

    @property
    def vocabulary_size(self) -> int:
        """The number of words that have a probability."""
        return len(self.softmax_bias)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.device

    @property
    def min_uniform_steps(self) -> int:
        """The fewest steps in a call from which on a step's numbers do not depend on how many follow it."""
        return self.lstm.layer(0).min_uniform_steps

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of the state's tensors, in their order."""
        return self.lstm.layer(0).state_names

    def zero_state(self, batch_size: int) -> State:
        """Return the state before the first word."""
        return self.lstm.zero_state(batch_size)

    def forward(
        self, ids: torch.Tensor, state: State, stream: torch.Generator | None = None
    ) -> tuple[torch.Tensor, State]:
        """From ids (batch, steps) to hidden (batch, steps, hidden) and the state after the last step.

        `stream` is where dropout draws from while training.
        """
        # tour shows: lookup
        vectors = functional.embedding(ids.t(), self.embedding, sparse=not self.settings.tied)

        # tour shows: scale
        if self.settings.embedding_scale != 1:
            vectors = vectors * self.settings.embedding_scale

        outputs, state = self.lstm(vectors, state, stream)
        # tour shows: outputs
        return outputs.transpose(0, 1), state

    def word_nats(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return each target's loss (nats), of shape (batch * steps,), row by row as in the notebook."""
        # tour shows: rows
        rows = hidden.reshape(-1, self.settings.hidden_size)
        return softmax.word_nats(rows, self._output_weight, self.softmax_bias, targets.reshape(-1))

    def sampled_word_nats(self, hidden: torch.Tensor, candidates: Candidates) -> torch.Tensor:
        """Return an estimate of `word_nats` from the scores of some words alone, the targets among them."""
        ids, log_inclusion, places = candidates
        rows = hidden.reshape(-1, self.settings.hidden_size)
        if self.softmax_weight is None:
            weight = functional.embedding(ids, self.embedding).t()
        else:
            weight = self.softmax_weight.index_select(1, ids)
        bias = self.softmax_bias.index_select(0, ids) - log_inclusion
        return softmax.word_nats(rows, weight, bias, places)

    def log_probabilities(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the log-probability (nats) of every next word, (batch * steps, vocabulary)."""
        rows = hidden.reshape(-1, self.settings.hidden_size)
        return softmax.log_probabilities(rows, self._output_weight, self.softmax_bias)

    @property
    def _output_weight(self) -> torch.Tensor:
        return self.embedding.t() if self.softmax_weight is None else self.softmax_weight
