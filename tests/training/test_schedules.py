"""The learning rate of each epoch, as the notebook and as TensorFlow's tutorial compute it."""

import pytest

from ptbterm.settings.resolve import read_preset, resolve
from ptbterm.training.schedules import learning_rate


def rates(preset: str, *assignments: str) -> list[float]:
    overrides = [("--set", assignment) for assignment in assignments]
    settings = resolve(read_preset(preset), overrides).settings.training
    return [learning_rate(settings, epoch) for epoch in range(1, settings.epochs + 1)]


def test_the_notebook() -> None:
    learning_rate, decay, max_epoch, max_max_epoch = 1.0, 0.5, 4, 13
    expected = [learning_rate * decay ** max(i - max_epoch, 0) for i in range(max_max_epoch)]
    assert expected[:6] == [1.0, 1.0, 1.0, 1.0, 1.0, 0.5]
    assert rates("notebook") == expected


@pytest.mark.parametrize(
    ("preset", "decay", "max_epoch", "max_max_epoch"),
    [("small", 0.5, 4, 13), ("medium", 0.8, 6, 39), ("large", 1 / 1.15, 14, 55)],
)
def test_tensorflows_tutorial(preset: str, decay: float, max_epoch: int, max_max_epoch: int) -> None:
    assert rates(preset) == [decay ** max(i + 1 - max_epoch, 0) for i in range(max_max_epoch)]


def test_decay_from_the_first_epoch_on() -> None:
    changes = ("training.full_rate_epochs=0", "training.epochs=3", "training.learning_rate=8")
    assert rates("small", *changes) == [4.0, 2.0, 1.0]
