"""Scores of the words of a text: log-probability and rank of each, entropy before it.

A text's scores do not depend on the texts scored beside it. Texts of up to 256 words are read in batches of always
32 rows, since a row of a product may depend on the number of rows; a longer text is read alone. On a CPU the
scores are bit-identical where a row depends neither on the other rows nor on which multiple of 32 they are, as on
the CPUs that were tried; elsewhere, and on CUDA, they are equal within the rounding of the weights' type.
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
from ptbterm.model.mode import evaluating

NATS_PER_BIT = math.log(2)
BATCH_ROWS = 32

Ids = tuple[int, ...]
TokenScores = npt.NDArray[np.float64]
"""(words, 3 + 2 * guesses): log-probability (nats), rank from 1, entropy (bits) of the distribution before the
word; then the probability and the id of each of the most probable words there."""

_STEPS = 256
"""Words read in one call of the model; a longer text is read alone."""
_BLOCK_BYTES = 2**22
"""Memory for the log-probabilities that are computed at once."""


class TokenScore(NamedTuple):
    """A word's log-probability (nats), its rank from 1, and the entropy (bits) of the distribution before it."""

    log_probability: float
    rank: int
    entropy_bits: float

    @property
    def surprisal_bits(self) -> float:
        """-log2 of the probability."""
        return (0.0 - self.log_probability) / NATS_PER_BIT

    @classmethod
    def from_row(cls, row: Sequence[float]) -> "TokenScore":
        """Convert a row of `TokenScores` without guesses."""
        log_probability, rank, entropy_bits = row
        return cls(log_probability, int(rank), entropy_bits)


def score_targets(
    log_probabilities: torch.Tensor,
    targets: torch.Tensor,
    unknown_id: int = 0,
    unseen_types: int = 1,
    guesses: int = 0,
) -> torch.Tensor:
    """Score targets (words,) by log-probabilities (words, vocabulary); return them laid out as `TokenScores`."""
    probabilities = log_probabilities.exp()
    if unseen_types > 1:
        log_probabilities = log_probabilities.clone()
        log_probabilities[:, unknown_id] -= math.log(unseen_types)
    own = log_probabilities.gather(1, targets[:, None])
    is_better = log_probabilities > own
    ranks = 1 + is_better.sum(1) + (unseen_types - 1) * is_better[:, unknown_id]
    entropies = (0.0 - probabilities.mul_(log_probabilities).sum(1)) / NATS_PER_BIT
    scores = torch.stack([own[:, 0].double(), ranks.double(), entropies.double()], dim=1)
    if not guesses:
        return scores
    best = log_probabilities.topk(guesses)
    best_words = torch.stack([best.values.double().exp(), best.indices.double()], dim=2)
    return torch.cat([scores, best_words.flatten(1)], dim=1)


class BatchScorer:
    """Scores texts with a model, without dropout; a text is the ids of its words, `<eos>` at its end included.

    With `unseen_types` above 1, that many words share the probability of `<unk>` evenly: the log-probability of
    `<unk>` is that of one of them, and ranks and entropies count all of them. `guesses` is the number of most
    probable words to return for each position, with `<unk>` standing for one unseen word.
    """

    def __init__(
        self,
        model: LanguageModel,
        vocabulary: Vocabulary,
        unseen_types: int = 1,
        guesses: int = 0,
        batch_rows: int = BATCH_ROWS,
    ) -> None:
        self._model = model
        self._unknown_id, self._end_id = vocabulary.unknown_id, vocabulary.end_of_sentence_id
        self._unseen_types, self._guesses = unseen_types, guesses
        self._batch_rows = batch_rows
        self.state = model.zero_state(1)
        self._has_begun = False

    def inputs_and_targets(self, text: Ids) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the ids that the model reads, `<eos>` first, and those that follow them, both (1, words)."""
        targets = torch.tensor([text], device=self._model.device)
        return functional.pad(targets[:, :-1], (1, 0), value=self._end_id), targets

    def score_separately(self, texts: Sequence[Ids]) -> list[TokenScores]:
        """Score each text on its own, from a zero state."""
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        short = [text for text in distinct if len(text) <= _STEPS]
        scores = {text: self.score_alone(text) for text in distinct[len(short) :]}
        for first in range(0, len(short), self._batch_rows):
            batch = short[first : first + self._batch_rows]
            targets = np.full((self._batch_rows, max(len(batch[-1]), self._model.min_uniform_steps)), -1)
            for row, text in enumerate(batch):
                targets[row, : len(text)] = text
            batch_scores, _ = self._score(targets, self._model.zero_state(self._batch_rows))
            scores |= {text: batch_scores[row, : len(text)] for row, text in enumerate(batch)}
        return [scores[text] for text in texts]

    def score_alone(self, text: Ids) -> TokenScores:
        """Score one text in a batch of its own: as `score_separately`, within rounding."""
        scores, _ = self._score(np.array([text]), self._model.zero_state(1))
        return scores.reshape(len(text), -1)

    def score_stream(self, texts: Sequence[Ids]) -> list[TokenScores]:
        """Score the texts as the continuation of those of earlier calls, from the state after them.

        As in `evaluation`, the stream begins with its first word, which is read and not predicted: its own scores
        are those after `<eos>`, which changes nothing for the words after it.
        """
        if not texts:
            return []
        words = np.concatenate(texts)[None]
        if self._has_begun:
            scores, self.state = self._score(words, self.state)
        else:
            first, _ = self._score(words[:, :1], self.state)
            rest, self.state = self._score(words[:, 1:], self.state, after=int(words[0, 0]))
            scores, self._has_begun = np.concatenate([first, rest], axis=1), True
        return np.split(scores[0], np.cumsum([len(text) for text in texts])[:-1])

    def _score(
        self, targets: npt.NDArray[np.int64], state: State, after: int | None = None
    ) -> tuple[TokenScores, State]:
        """Score targets (batch, steps), -1 after the end of a row: (batch, steps, 3 + 2 * guesses).

        They follow `<eos>`, or the id `after`.
        """
        before = self._end_id if after is None else after
        inputs = np.pad(targets[:, :-1].clip(min=0), ((0, 0), (1, 0)), constant_values=before)
        scores = np.zeros((*targets.shape, 3 + 2 * self._guesses))
        for first in range(0, targets.shape[1], _STEPS):
            columns = np.s_[:, first : first + _STEPS]
            is_word = targets[columns] >= 0
            with evaluating(self._model):
                hidden, state = self._model(self._on_device(inputs[columns]), state)
            words_hidden = hidden[self._on_device(is_word)]
            scores[columns][is_word] = self._score_words(words_hidden, self._on_device(targets[columns][is_word]))
        return scores, state

    def _score_words(self, hidden: torch.Tensor, targets: torch.Tensor) -> TokenScores:
        """Score targets (words,) after hidden (words, hidden), in blocks that bound the memory."""
        batch_bytes = self._batch_rows * self._model.vocabulary_size * hidden.element_size()
        block_rows = max(1, _BLOCK_BYTES // batch_bytes) * self._batch_rows
        blocks = zip(torch.split(hidden, block_rows), torch.split(targets, block_rows), strict=True)
        return np.concatenate([self._score_block(*block) for block in blocks])

    def _score_block(self, hidden: torch.Tensor, targets: torch.Tensor) -> TokenScores:
        rows = functional.pad(hidden, (0, 0, 0, -len(hidden) % self._batch_rows))
        log_probabilities = self._model.log_probabilities(rows)[: len(hidden)]
        scores = score_targets(log_probabilities, targets, self._unknown_id, self._unseen_types, self._guesses)
        return scores.cpu().numpy()

    def _on_device(self, values: npt.NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(values).to(self._model.device)
