"""The plain view prints the notebook's own lines."""

import pytest
from msgspec.structs import replace

from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochStarted,
    Evaluated,
    Progress,
    Warned,
)
from ptbterm.terminal.pages.notebook_lines import notebook_lines
from tests.examples.events import EPOCH_FINISHED, EVALUATED, FAILED, FINISHED, GLIMPSE, PROGRESS, STOPPED


def progress(fraction: float, perplexity: float, words_per_second: float) -> Progress:
    return replace(PROGRESS, fraction=fraction, perplexity=perplexity, words_per_second=words_per_second)


def evaluated(split: str) -> Evaluated:
    return replace(EVALUATED, split=split, perplexity=115.9062)


@pytest.mark.parametrize(
    ("event", "printed"),
    [
        (EpochStarted(epoch=1, learning_rate=1.0), ["Epoch 1 : Learning rate: 1.000"]),
        (EpochStarted(epoch=6, learning_rate=0.5), ["Epoch 6 : Learning rate: 0.500"]),
        (EpochStarted(epoch=13, learning_rate=0.5**8), ["Epoch 13 : Learning rate: 0.004"]),
        (EpochStarted(epoch=1, learning_rate=5e-05), ["Epoch 1 : Learning rate: 5e-05"]),
        (progress(10 / 1549, 7628.0988, 3301.4), ["0.006 perplexity: 7628.099 speed: 3301 wps"]),
        (progress(164 / 1549, 1094.9611, 3670.7), ["0.106 perplexity: 1094.961 speed: 3671 wps"]),
        (progress(10 / 1549, 226.0, 3289.0), ["0.006 perplexity: 226.000 speed: 3289 wps"]),
        (EPOCH_FINISHED, ["Epoch 1 : Train Perplexity: 336.142", "Epoch 1 : Valid Perplexity: 203.668"]),
        (evaluated("test"), ["Test Perplexity: 115.906"]),
    ],
)
def test_the_notebooks_lines(event: AnyEvent, printed: list[str]) -> None:
    assert notebook_lines(event) == printed


def test_what_a_sampled_softmax_estimates_is_marked() -> None:
    estimate = replace(progress(0.1, 94.5, 9000), estimate=True)
    assert notebook_lines(estimate) == ["0.100 perplexity: ≈94.500 speed: 9000 wps"]
    train, valid = notebook_lines(replace(EPOCH_FINISHED, estimate=True))
    assert (train, valid) == ("Epoch 1 : Train Perplexity: ≈336.142", "Epoch 1 : Valid Perplexity: 203.668")


@pytest.mark.parametrize(
    "event",
    [
        evaluated("valid"),
        CheckpointSaved(checkpoint="last.safetensors", epoch=1, window=3),
        GLIMPSE,
        STOPPED,
        FINISHED,
        FAILED,
        Warned(message="no", hint=""),
    ],
)
def test_nothing_else_is_printed(event: AnyEvent) -> None:
    assert notebook_lines(event) == []
