"""Model states by prefix: one more word costs one step, one word less costs nothing."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import torch

from ptbterm.inference.scoring import TokenScore, score_targets
from ptbterm.model.cells.cell import State
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.mode import evaluating
from ptbterm.model.threads import one_thread

T = TypeVar("T")

MAX_BYTES = 2**26
"""Memory for the outputs at prefixes; when it is full, all but the current text is dropped."""
MAX_DISTRIBUTIONS = 64
"""Prefixes whose distribution of the next word is kept."""
CHUNK = 32
"""Words of a long text that are read at once; a prefix inside a chunk costs at most this many steps again."""


@dataclass(eq=False)
class PrefixNode:
    """A text that ends with the word `id`, and the last layer's output there, (1, hidden).

    `state` is kept at the end of a chunk, `score` once it was asked for.
    """

    id: int
    parent: "PrefixNode | None"
    hidden: torch.Tensor
    state: State | None = None
    score: TokenScore | None = None
    children: dict[int, "PrefixNode"] = field(default_factory=dict)

    def path(self) -> list["PrefixNode"]:
        """Return the prefixes from the first word to this one."""
        reversed_path = []
        node: PrefixNode | None = self
        while node is not None and node.parent is not None:
            reversed_path.append(node)
            node = node.parent
        return reversed_path[::-1]


class StateCache:
    """A tree of all texts that were read after `<eos>`; safe to use from several threads."""

    def __init__(self, model: LanguageModel, end_of_sentence_id: int, max_bytes: int = MAX_BYTES) -> None:
        self.model = model
        self.end_of_sentence_id = end_of_sentence_id
        self._root = self._read_root()
        self._kept = 0
        self._max_kept = max(CHUNK, max_bytes // self._root.hidden.nbytes)
        self._lock = threading.RLock()
        self._distribution = lru_cache(MAX_DISTRIBUTIONS)(self._compute_distribution)

    def read(self, ids: Sequence[int]) -> PrefixNode:
        """Return the node of a text of these ids, which continue `<eos>`."""
        with self._lock:
            node, depth = self._root, 0
            for number in ids:
                child = node.children.get(number)
                if child is None:
                    break
                node, depth = child, depth + 1
            if self._kept + len(ids) - depth > self._max_kept:
                self._root.children, self._kept, node, depth = {}, 0, self._root, 0
            for chunk in _chunks(ids[depth:]):
                node = self._read_chunk(node, chunk)
            return node

    def log_probabilities(self, node: PrefixNode) -> torch.Tensor:
        """Return the log-probability (nats) of every word after a prefix, (vocabulary,); don't change it."""
        with self._lock:
            return self._distribution(node)

    def scores(self, node: PrefixNode) -> list[TokenScore]:
        """Return the score of each word of a prefix."""
        with self._lock:
            path = node.path()
            scores = [prefix.score for prefix in path if prefix.score]  # always the first words of the path
            for chunk in _chunks(path[len(scores) :]):
                scores += self._score(chunk)
            return scores

    @one_thread
    @torch.inference_mode()
    def next_score(self, node: PrefixNode, number: int) -> TokenScore:
        """Return the score of the word with id `number` after a prefix, without reading it."""
        ids = torch.tensor([number], device=self.model.device)
        (row,) = score_targets(self.log_probabilities(node)[None], ids).tolist()
        return TokenScore.from_row(row)

    @torch.inference_mode()
    def _score(self, nodes: Sequence[PrefixNode]) -> list[TokenScore]:
        """Score the last word of each prefix."""
        parents = [node.parent for node in nodes if node.parent]
        if len(nodes) == 1:
            log_probabilities = self._distribution(parents[0])[None]
        else:
            log_probabilities = self.model.log_probabilities(torch.cat([parent.hidden for parent in parents]))
        ids = torch.tensor([node.id for node in nodes], device=self.model.device)
        scores = [TokenScore.from_row(row) for row in score_targets(log_probabilities, ids).tolist()]
        for node, score in zip(nodes, scores, strict=True):
            node.score = score
        return scores

    @one_thread
    @torch.inference_mode()
    def _compute_distribution(self, node: PrefixNode) -> torch.Tensor:
        return self.model.log_probabilities(node.hidden)[0]

    @torch.inference_mode()
    def _read_root(self) -> PrefixNode:
        hidden, state = self._step(self.model.zero_state(1), [self.end_of_sentence_id])
        return PrefixNode(self.end_of_sentence_id, None, hidden, state)

    @torch.inference_mode()
    def _read_chunk(self, start: PrefixNode, ids: Sequence[int]) -> PrefixNode:
        hidden, state = self._step(self._state_at(start), ids)
        node = start
        for number, row in zip(ids, torch.split(hidden, 1), strict=True):
            child = PrefixNode(number, node, row)
            node.children[number] = child
            node = child
        node.state = state
        self._kept += len(ids)
        return node

    @torch.inference_mode()
    def _state_at(self, node: PrefixNode) -> State:
        """Return the state at a prefix, computed from the nearest prefix before it that has one."""
        if node.state is None:
            words: list[int] = []
            start = node
            while start.state is None and start.parent is not None:
                words.append(start.id)
                start = start.parent
            assert start.state is not None  # noqa: S101
            _, node.state = self._step(start.state, words[::-1])
        return node.state

    def _step(self, state: State, ids: Sequence[int]) -> tuple[torch.Tensor, State]:
        """Return the outputs, (words, hidden), and the state after the last word."""
        few_steps = len(ids) < self.model.min_uniform_steps
        with one_thread if few_steps else nullcontext(), evaluating(self.model):
            hidden, state = self.model(torch.tensor([list(ids)], device=self.model.device), state)
        return hidden[0], state


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
