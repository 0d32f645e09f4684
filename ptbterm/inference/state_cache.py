"""The state after every prefix that was read, kept: one more word costs one step, a word less costs nothing."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import torch

from ptbterm.inference.scoring import TokenScore, score_targets
from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel

T = TypeVar("T")

MAX_BYTES = 2**26
"""Memory for the outputs at prefixes; where it is full, all but those of the text being read are forgotten."""
MAX_DISTRIBUTIONS = 64
"""StateCache of which the distribution of the next word is kept."""
PIECE = 32
"""Words that a long text is read by; a prefix within a piece costs at most so many steps once more."""


@dataclass(eq=False)
class PrefixNode:
    """A text up to the word `id`, and the last layer's output there, (1, hidden).

    At the end of a piece there is the state to go on from; `expectation` is how far the word was expected, once
    somebody has asked.
    """

    id: int
    before: "PrefixNode | None"
    hidden: torch.Tensor
    state: State | None = None
    expectation: TokenScore | None = None
    after: dict[int, "PrefixNode"] = field(default_factory=dict)

    def path(self) -> list["PrefixNode"]:
        """Return the prefixes from the first word to this one."""
        reversed_path = []
        prefix: PrefixNode | None = self
        while prefix is not None and prefix.before is not None:
            reversed_path.append(prefix)
            prefix = prefix.before
        return reversed_path[::-1]


class StateCache:
    """Reads texts that begin after `<eos>`, word by word, and remembers what it has read; any thread may ask."""

    def __init__(self, model: LanguageModel, end_of_sentence_id: int) -> None:
        self.model = model
        self.end_of_sentence_id = end_of_sentence_id
        self._root = self._read_root()
        self._kept = 0
        self._max_positions = max(PIECE, MAX_BYTES // self._root.hidden.nbytes)
        self._lock = threading.RLock()
        self._distribution = lru_cache(MAX_DISTRIBUTIONS)(self._compute_distribution)

    def read(self, ids: Sequence[int]) -> PrefixNode:
        """Return the prefix of all of `ids`."""
        with self._lock:
            prefix, known = self._root, 0
            for number in ids:
                following = prefix.after.get(number)
                if following is None:
                    break
                prefix, known = following, known + 1
            if self._kept + len(ids) - known > self._max_positions:
                self._root.after, self._kept, prefix, known = {}, 0, self._root, 0
            for piece in _pieces(ids[known:]):
                prefix = self._read_piece(prefix, piece)
            return prefix

    def log_probabilities(self, prefix: PrefixNode) -> torch.Tensor:
        """Return the log-probability (nats) of every word after a prefix, (vocabulary,); not to be changed."""
        with self._lock:
            return self._distribution(prefix)

    def expectations(self, prefix: PrefixNode) -> list[TokenScore]:
        """Return how far each word of a prefix was expected after those before it."""
        with self._lock:
            path = prefix.path()
            known = [one.expectation for one in path if one.expectation]  # always the first words of the path
            for piece in _pieces(path[len(known) :]):
                known += self._judge(piece)
            return known

    @torch.inference_mode()
    def expectation(self, prefix: PrefixNode, number: int) -> TokenScore:
        """Return how far the word of that id is expected after a prefix; it is not read."""
        ids = torch.tensor([number], device=self.model.device)
        (judged,) = score_targets(self.log_probabilities(prefix)[None], ids).tolist()
        return TokenScore.of(judged)

    @torch.inference_mode()
    def _judge(self, piece: Sequence[PrefixNode]) -> list[TokenScore]:
        """Find out how far the last word of each prefix was expected."""
        before = [prefix.before for prefix in piece if prefix.before]
        if len(piece) == 1:
            log_probabilities = self._distribution(before[0])[None]
        else:
            log_probabilities = self.model.log_probabilities(torch.cat([prefix.hidden for prefix in before]))
        ids = torch.tensor([prefix.id for prefix in piece], device=self.model.device)
        judged = [TokenScore.of(row) for row in score_targets(log_probabilities, ids).tolist()]
        for prefix, expectation in zip(piece, judged, strict=True):
            prefix.expectation = expectation
        return judged

    @torch.inference_mode()
    def _compute_distribution(self, prefix: PrefixNode) -> torch.Tensor:
        return self.model.log_probabilities(prefix.hidden)[0]

    @torch.inference_mode()
    def _read_root(self) -> PrefixNode:
        hidden, state = self._step(self.model.zero_state(1), [self.end_of_sentence_id])
        return PrefixNode(self.end_of_sentence_id, None, hidden, state)

    @torch.inference_mode()
    def _read_piece(self, start: PrefixNode, ids: Sequence[int]) -> PrefixNode:
        hidden, state = self._step(self._state_at(start), ids)
        prefix = start
        for number, row in zip(ids, torch.split(hidden, 1), strict=True):
            following = PrefixNode(number, prefix, row)
            prefix.after[number] = following
            prefix = following
        prefix.state = state
        self._kept += len(ids)
        return prefix

    @torch.inference_mode()
    def _state_at(self, prefix: PrefixNode) -> State:
        """Return the state at a prefix, found from the nearest one before it that has one."""
        if prefix.state is None:
            words: list[int] = []
            start = prefix
            while start.state is None and start.before is not None:
                words.append(start.id)
                start = start.before
            assert start.state is not None  # noqa: S101
            _, prefix.state = self._step(start.state, words[::-1])
        return prefix.state

    def _step(self, state: State, ids: Sequence[int]) -> tuple[torch.Tensor, State]:
        """Return the outputs, (words, hidden), and the state after the last word."""
        hidden, state = self.model(torch.tensor([list(ids)], device=self.model.device), state)
        return hidden[0], state


def _pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]
