"""The state after every prefix that was read, kept: one more word costs one step, a word less costs nothing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from ptbterm.model.language_model import LanguageModel
from ptbterm.model.stacked_lstm import LSTMState

MOST_PREFIXES = 50_000
"""Prefixes that are kept; with one more, all but those of the text being read are forgotten."""
PIECE = 32
"""Words that a long text is read by; a prefix within a piece costs at most so many steps once more."""


@dataclass(eq=False)
class Prefix:
    """A text up to a word: what that word cost, and, at the end of a piece, the state to go on from.

    `nats` is -log p of the word, `rank` its place among all words from 1, `entropy_nats` that of the distribution
    before it; all three are of the word `id` after `before`, and of the root nothing.
    """

    id: int
    before: "Prefix | None" = None
    nats: float = 0.0
    rank: int = 0
    entropy_nats: float = 0.0
    state: LSTMState | None = None
    hidden: torch.Tensor | None = None
    after: dict[int, "Prefix"] = field(default_factory=dict)

    def path(self) -> list["Prefix"]:
        """Return the prefixes from the first word to this one."""
        reversed_path = []
        prefix: Prefix | None = self
        while prefix is not None and prefix.before is not None:
            reversed_path.append(prefix)
            prefix = prefix.before
        return reversed_path[::-1]

    @property
    def surprisal_bits(self) -> float:
        """-log2 of the word's probability."""
        return self.nats / math.log(2)


class Prefixes:
    """Reads texts that begin after `<eos>`, word by word, and remembers what it has read."""

    def __init__(self, model: LanguageModel, end_of_sentence_id: int) -> None:
        self.model = model
        self.end_of_sentence_id = end_of_sentence_id
        self._root = self._read_root()
        self._kept = 0

    def read(self, ids: Sequence[int]) -> Prefix:
        """Return the prefix of all of `ids`; it has a state."""
        prefix, known = self._root, 0
        for number in ids:
            following = prefix.after.get(number)
            if following is None:
                break
            prefix, known = following, known + 1
        if self._kept + len(ids) - known > MOST_PREFIXES:
            self._root.after, self._kept, prefix, known = {}, 0, self._root, 0
        for piece in _pieces(ids[known:]):
            prefix = self._read_piece(self._with_state(prefix), piece)
        return self._with_state(prefix)

    def log_probabilities(self, prefix: Prefix) -> torch.Tensor:
        """Return the log-probability (nats) of every word after a prefix, (vocabulary,)."""
        return self._log_probabilities(self._with_state(prefix))[0]

    @torch.inference_mode()
    def _log_probabilities(self, prefix: Prefix) -> torch.Tensor:
        assert prefix.hidden is not None  # noqa: S101
        return self.model.log_probabilities(prefix.hidden)

    @torch.inference_mode()
    def _read_root(self) -> Prefix:
        ids = torch.tensor([[self.end_of_sentence_id]], device=self.model.device)
        hidden, state = self.model(ids, self.model.zero_state(1))
        return Prefix(self.end_of_sentence_id, state=state, hidden=hidden[:, -1])

    def _with_state(self, prefix: Prefix) -> Prefix:
        """Give a prefix within a piece its state, from the nearest one before it that has one."""
        if prefix.state is None:
            words: list[int] = []
            start = prefix
            while start.state is None and start.before is not None:
                words.append(start.id)
                start = start.before
            prefix.state, hidden = self._step(start, words[::-1])
            prefix.hidden = hidden[:, -1]
        return prefix

    @torch.inference_mode()
    def _step(self, start: Prefix, ids: Sequence[int]) -> tuple[LSTMState, torch.Tensor]:
        assert start.state is not None  # noqa: S101
        hidden, state = self.model(torch.tensor([list(ids)], device=self.model.device), start.state)
        return state, hidden

    @torch.inference_mode()
    def _read_piece(self, start: Prefix, ids: Sequence[int]) -> Prefix:
        assert start.hidden is not None  # noqa: S101
        state, hidden = self._step(start, ids)
        before = torch.cat([start.hidden[:, None], hidden[:, :-1]], dim=1)
        log_probabilities = self.model.log_probabilities(before)
        words = torch.tensor(list(ids), device=log_probabilities.device)
        own = log_probabilities.gather(1, words[:, None])
        facts = zip(
            ids,
            (-own[:, 0]).tolist(),
            ((log_probabilities > own).sum(1) + 1).tolist(),
            (-(log_probabilities.exp() * log_probabilities).sum(1)).tolist(),
            strict=True,
        )
        prefix = start
        for number, nats, rank, entropy in facts:
            following = Prefix(number, prefix, nats, rank, entropy)
            prefix.after[number] = following
            prefix = following
        prefix.state, prefix.hidden = state, hidden[:, -1]
        self._kept += len(ids)
        return prefix


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), PIECE):
        yield ids[start : start + PIECE]
