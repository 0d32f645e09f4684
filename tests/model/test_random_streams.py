"""Named random streams are independent of each other."""

import pytest
import torch

from ptbterm.model.random_streams import random_stream


def draws(stream: torch.Generator) -> list[float]:
    return torch.rand(5, generator=stream).tolist()


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_seed_and_name_decide_the_draws(seed: int) -> None:
    assert draws(random_stream(seed, "dropout")) == draws(random_stream(seed, "dropout"))
    assert draws(random_stream(seed, "dropout")) != draws(random_stream(seed, "initialisation"))
    assert draws(random_stream(seed, "dropout")) != draws(random_stream(seed + 1, "dropout"))


def test_name_and_seed_are_not_run_together() -> None:
    assert draws(random_stream(1, "1words")) != draws(random_stream(11, "words"))


def test_a_draw_from_one_stream_changes_nothing_in_another() -> None:
    alone = random_stream(1, "generation 0")
    expected = draws(alone) + draws(alone)
    stream, other = random_stream(1, "generation 0"), random_stream(1, "generation 1")
    first = draws(stream)
    draws(other)
    torch.rand(5)
    assert first + draws(stream) == expected
