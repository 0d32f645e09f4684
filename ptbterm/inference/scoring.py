"""How far the words of a text were expected: the log-probability and rank of each, the entropy before it.

A text's numbers depend on the text alone, not on what is read beside it. Those of up to 256 words are read 32 at a
time, all by the same code, and so many always, for a row of a product may depend on how many rows there are; a
longer one is read alone. On a CPU the numbers are equal bit for bit where a row depends neither on what the others
are, nor on which multiple of 32 they make, as on the CPUs that were tried; else, and on CUDA, within the rounding
of the weights' type.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel

NATS_PER_BIT = math.log(2)

Ids = tuple[int, ...]
TokenScores = npt.NDArray[np.float64]
"""(words, 3 + 2 * guesses): log-probability (nats), rank from 1, entropy (bits) of the distribution before the
word; then the probability and the id of each of the likeliest words there."""

_BATCH_ROWS = 32
_STEPS = 256
"""Words that are read in one call; a text of more is read alone."""
_BLOCK_BYTES = 2**22


class TokenScore(NamedTuple):
    """How far a word was expected: log-probability (nats), rank from 1, entropy (bits) of what it was one of."""

    log_probability: float
    rank: int
    entropy_bits: float

    @property
    def surprisal_bits(self) -> float:
        """-log2 of the probability."""
        return (0.0 - self.log_probability) / NATS_PER_BIT

    @classmethod
    def of(cls, row: Sequence[float]) -> "TokenScore":
        """Return a row of `TokenScores`."""
        log_probability, rank, entropy_bits = row
        return cls(log_probability, int(rank), entropy_bits)


def score_targets(
    log_probabilities: torch.Tensor,
    targets: torch.Tensor,
    unknown_id: int = 0,
    unseen_types: int = 1,
    guesses: int = 0,
) -> torch.Tensor:
    """From log-probabilities (words, vocabulary) and targets (words,) to expectations (words, 3 + 2 * guesses)."""
    probabilities = log_probabilities.exp()
    if unseen_types > 1:
        log_probabilities = log_probabilities.clone()
        log_probabilities[:, unknown_id] -= math.log(unseen_types)
    own = log_probabilities.gather(1, targets[:, None])
    likelier = log_probabilities > own
    ranks = 1 + likelier.sum(1) + (unseen_types - 1) * likelier[:, unknown_id]
    entropies = (0.0 - probabilities.mul_(log_probabilities).sum(1)) / NATS_PER_BIT
    figures = torch.stack([own[:, 0].double(), ranks.double(), entropies.double()], dim=1)
    if not guesses:
        return figures
    best = log_probabilities.topk(guesses)
    guessed = torch.stack([best.values.double().exp(), best.indices.double()], dim=2)
    return torch.cat([figures, guessed.flatten(1)], dim=1)


class BatchScorer:
    """Reads texts with a model in evaluation mode; a text is the ids of its words and, at its end, of `<eos>`.

    Above 1, `unseen_types` is the number of words that share the probability of `<unk>` evenly: each has its
    log-probability less their logarithm, and rank and entropy are those among all words, these included. So
    many `guesses` are found for each word, among which `<unk>` stands for one unseen word.
    """

    def __init__(
        self, model: LanguageModel, vocabulary: Vocabulary, unseen_types: int = 1, guesses: int = 0
    ) -> None:
        self._model = model
        self._unknown_id, self._end_id = vocabulary.unknown_id, vocabulary.end_of_sentence_id
        self._unseen_types, self._guesses = unseen_types, guesses
        batch_bytes = _BATCH_ROWS * model.vocabulary_size * model.softmax_bias.element_size()
        self._block_rows = max(1, _BLOCK_BYTES // batch_bytes) * _BATCH_ROWS
        self.state = model.zero_state(1)

    def inputs_and_targets(self, text: Ids) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what is read, and what is expected after each word of it, both (1, words)."""
        targets = torch.tensor([text], device=self._model.device)
        return functional.pad(targets[:, :-1], (1, 0), value=self._end_id), targets

    def read_apart(self, texts: Sequence[Ids]) -> list[TokenScores]:
        """Read each text by itself, from a fresh state, after `<eos>`."""
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        short = [text for text in distinct if len(text) <= _STEPS]
        found = {text: self.read_alone(text) for text in distinct[len(short) :]}
        for first in range(0, len(short), _BATCH_ROWS):
            batch = short[first : first + _BATCH_ROWS]
            targets = np.full((_BATCH_ROWS, max(len(batch[-1]), self._model.min_uniform_steps)), -1)
            for row, text in enumerate(batch):
                targets[row, : len(text)] = text
            expectations, _ = self._read(targets, self._model.zero_state(_BATCH_ROWS))
            found |= {text: expectations[row, : len(text)] for row, text in enumerate(batch)}
        return [found[text] for text in texts]

    def read_alone(self, text: Ids) -> TokenScores:
        """Read a text as `read_apart` does, no other beside it: the same numbers, within rounding."""
        expectations, _ = self._read(np.array([text]), self._model.zero_state(1))
        return expectations.reshape(len(text), -1)

    def read_on(self, texts: Sequence[Ids]) -> list[TokenScores]:
        """Read the texts as what follows those of the calls before; the first of all after `<eos>`."""
        if not texts:
            return []
        expectations, self.state = self._read(np.concatenate(texts)[None], self.state)
        return np.split(expectations[0], np.cumsum([len(text) for text in texts])[:-1])

    def _read(self, targets: npt.NDArray[np.int64], state: State) -> tuple[TokenScores, State]:
        """From targets (batch, steps), -1 where a row has ended, to expectations (batch, steps, ...)."""
        inputs = np.pad(targets[:, :-1].clip(min=0), ((0, 0), (1, 0)), constant_values=self._end_id)
        expectations = np.zeros((*targets.shape, 3 + 2 * self._guesses))
        for first in range(0, targets.shape[1], _STEPS):
            piece = np.s_[:, first : first + _STEPS]
            words = targets[piece] >= 0
            hidden, state = self._model(self._on_device(inputs[piece]), state)
            hidden_blocks = torch.split(hidden[self._on_device(words)], self._block_rows)
            target_blocks = torch.split(self._on_device(targets[piece][words]), self._block_rows)
            expectations[piece][words] = np.concatenate(
                [self._expected(*block) for block in zip(hidden_blocks, target_blocks, strict=True)]
            )
        return expectations, state

    def _expected(self, hidden: torch.Tensor, targets: torch.Tensor) -> TokenScores:
        """From hidden (words, hidden) and targets (words,) to expectations (words, 3 + 2 * guesses)."""
        rows = functional.pad(hidden, (0, 0, 0, -len(hidden) % _BATCH_ROWS))
        log_probabilities = self._model.log_probabilities(rows)[: len(hidden)]
        judged = score_targets(log_probabilities, targets, self._unknown_id, self._unseen_types, self._guesses)
        return judged.cpu().numpy()

    def _on_device(self, values: npt.NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(values).to(self._model.device)
