"""A function that is recorded and replayed gives what its calls give."""

import pytest
import torch

from ptbterm.model.cuda_graph import WARM_UP, CudaGraph
from tests.recorded_graph import graphs_on_a_cpu  # noqa: F401

pytestmark = pytest.mark.usefixtures("graphs_on_a_cpu")


def noisy_sum(stream: torch.Generator, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    total = a + b
    return total, total * torch.rand(total.shape, generator=stream)


def test_a_replay_takes_its_inputs_and_draws_from_its_streams() -> None:
    streams = [torch.Generator().manual_seed(1) for _ in range(2)]
    calls = 0

    def counted(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, ...]:
        nonlocal calls
        calls += 1
        return noisy_sum(streams[0], a, b)

    graph = CudaGraph(counted, streams[:1])
    for number in range(WARM_UP + 4):
        a, b = torch.full((3,), float(number)), torch.ones(3)
        for found, expected in zip(graph(a, b), noisy_sum(streams[1], a, b), strict=True):
            assert torch.equal(found, expected)
    assert calls == WARM_UP + 1


def test_other_shapes_are_computed_by_a_call() -> None:
    graph = CudaGraph(lambda a: (a * 2,))
    for size in [3] * (WARM_UP + 2) + [2, 3]:
        assert torch.equal(graph(torch.ones(size))[0], torch.full((size,), 2.0))
