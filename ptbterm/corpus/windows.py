"""Cuts a corpus as the notebook does: one long stream in rows, read in parallel in windows of `num_steps`.

A stream of N ids makes batch_size rows of N // batch_size ids. Window i starts at column i * num_steps; its
targets are its inputs shifted by one.
"""

from typing import Any, Protocol, Self, TypeVar

NOTEBOOK_BATCH_SIZE, NOTEBOOK_NUM_STEPS = 30, 20
"""The windows that the notebook evaluates in."""


class _Ids(Protocol):
    def __getitem__(self, index: Any, /) -> Self: ...
    def reshape(self, shape: tuple[int, int], /) -> Self: ...
    def __len__(self) -> int: ...


Ids = TypeVar("Ids", bound=_Ids)
"""An array of token ids, numpy's or torch's."""


def cut_rows(ids: Ids, batch_size: int) -> Ids:
    """Return a view of shape (batch_size, len(ids) // batch_size); the incomplete last column is dropped."""
    columns = len(ids) // batch_size
    return ids[: batch_size * columns].reshape((batch_size, columns))


def count_windows(words: int, batch_size: int, num_steps: int) -> int:
    """Return the number of windows in a stream of `words` ids: ((words // batch_size) - 1) // num_steps."""
    return max(words // batch_size - 1, 0) // num_steps


def window(rows: Ids, index: int, num_steps: int) -> tuple[Ids, Ids]:
    """Return views of the inputs and the targets of a window, each of shape (batch_size, num_steps)."""
    first = index * num_steps
    return rows[:, first : first + num_steps], rows[:, first + 1 : first + 1 + num_steps]
