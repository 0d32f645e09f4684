"""Windows over one long stream of ids, as the notebook cuts them."""

from collections.abc import Iterator

import numpy as np
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ptbterm.corpus.windows import count_windows, cut_rows, window

Table = list[list[int]]


def notebook_windows(stream: list[int], batch_size: int, num_steps: int) -> Iterator[tuple[Table, Table]]:
    """The notebook's iterator, index by index."""
    batch_length = len(stream) // batch_size
    rows = [stream[batch_length * row : batch_length * (row + 1)] for row in range(batch_size)]
    for i in range((batch_length - 1) // num_steps):
        yield (
            [row[i * num_steps : (i + 1) * num_steps] for row in rows],
            [row[i * num_steps + 1 : (i + 1) * num_steps + 1] for row in rows],
        )


@settings(derandomize=True)
@given(words=st.integers(0, 300), batch_size=st.integers(1, 12), num_steps=st.integers(1, 12))
@example(words=42, batch_size=2, num_steps=20)
@example(words=41, batch_size=2, num_steps=20)
@example(words=1, batch_size=2, num_steps=20)
def test_same_windows_as_the_notebook(words: int, batch_size: int, num_steps: int) -> None:
    expected = list(notebook_windows(list(range(words)), batch_size, num_steps))
    count = count_windows(words, batch_size, num_steps)
    assert count == len(expected)
    for ids in (np.arange(words), torch.arange(words)):
        rows = cut_rows(ids, batch_size)
        cut = [window(rows, index, num_steps) for index in range(count)]
        assert [(inputs.tolist(), targets.tolist()) for inputs, targets in cut] == expected


def test_windows_are_views() -> None:
    ids = np.arange(100)
    for part in window(cut_rows(ids, 4), 1, 5):
        assert np.shares_memory(part, ids)
