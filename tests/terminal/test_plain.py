"""The plain view prints the notebook's own lines."""

import pytest
from msgspec.structs import replace

from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochFinished,
    EpochStarted,
    Evaluated,
    Glimpse,
    Progress,
    RunFailed,
    RunFinished,
    RunStopped,
    Warned,
)
from ptbterm.terminal.pages.notebook_lines import lines


def progress(fraction: float, perplexity: float, words_per_second: float) -> Progress:
    return Progress(
        epoch=1,
        fraction=fraction,
        window=round(1549 * fraction),
        perplexity=perplexity,
        estimate=False,
        loss=7.0,
        words_per_second=words_per_second,
        learning_rate=1.0,
        gradient_norm=1.0,
        seconds_left=1.0,
        training_seconds=1.0,
    )


def evaluated(split: str) -> Evaluated:
    return Evaluated(
        run="r",
        preset="notebook",
        corpus="Penn Treebank",
        split=split,
        protocol="notebook",
        words=1,
        unknown_words=0,
        perplexity=115.9062,
        bits_per_word=1.0,
        floor_perplexity=None,
        seconds=1.0,
        epoch=13,
    )


EPOCH_FINISHED = EpochFinished(
    epoch=1,
    train_perplexity=336.1417,
    estimate=False,
    valid_perplexity=203.6681,
    words_per_second=3564.0,
    training_seconds=260.0,
    best=True,
)


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
    assert lines(event) == printed


def test_what_a_sampled_softmax_estimates_is_marked() -> None:
    estimate = replace(progress(0.1, 94.5, 9000), estimate=True)
    assert lines(estimate) == ["0.100 perplexity: ≈94.500 speed: 9000 wps"]
    train, valid = lines(replace(EPOCH_FINISHED, estimate=True))
    assert (train, valid) == ("Epoch 1 : Train Perplexity: ≈336.142", "Epoch 1 : Valid Perplexity: 203.668")


@pytest.mark.parametrize(
    "event",
    [
        evaluated("valid"),
        CheckpointSaved(checkpoint="last.safetensors", epoch=1, window=3),
        Glimpse(epoch=1, fraction=0.1, contexts=(), generated="the company"),
        RunStopped(epoch=1, window=3, training_seconds=1.0, checkpoint="last.safetensors"),
        RunFinished(best_epoch=1, best_valid_perplexity=2.0, training_seconds=1.0, checkpoint="best.safetensors"),
        RunFailed(reason="no", hint=""),
        Warned(message="no", hint=""),
    ],
)
def test_nothing_else_is_printed(event: AnyEvent) -> None:
    assert lines(event) == []
