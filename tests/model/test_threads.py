"""One thread for a block: inside it, and nowhere else."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from ptbterm.model.threads import one_thread


@pytest.fixture(autouse=True)
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_one_inside_and_as_many_as_before_afterwards() -> None:
    with one_thread:
        assert torch.get_num_threads() == 1
        with one_thread:
            pass
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_after_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), one_thread:
        1 / 0  # noqa: B018
    assert torch.get_num_threads() == 3


def test_as_a_decorator() -> None:
    assert one_thread(torch.get_num_threads)() == 1
    assert torch.get_num_threads() == 3


def test_threads_that_begin_in_the_block_of_another_keep_their_number() -> None:
    with one_thread, ThreadPoolExecutor(4) as pool:
        inside = threading.Barrier(4)

        def both() -> tuple[int, int]:
            with one_thread:
                inside.wait()
                during = torch.get_num_threads()
            return during, torch.get_num_threads()

        counts = [future.result() for future in [pool.submit(both) for _ in range(4)]]
    assert counts == [(1, 3)] * 4
    assert torch.get_num_threads() == 3
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == 3
