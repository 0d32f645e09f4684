"""The learning rate of each window: as the notebook and TensorFlow's tutorial compute it, or as a cosine."""

import pytest

from ptbterm.settings.resolve import read_preset, resolve
from ptbterm.settings.schema import TrainingSettings
from ptbterm.training.schedules import learning_rate, sampled_windows, total_epochs, total_windows


def rates(preset: str, *assignments: str) -> list[float]:
    overrides = [("--set", assignment) for assignment in assignments]
    settings = resolve(read_preset(preset), overrides).settings.training
    return [learning_rate(settings, 100 * epoch, windows_per_epoch=100) for epoch in range(settings.epochs)]


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


def test_a_rate_holds_for_a_whole_epoch() -> None:
    settings = resolve(read_preset("small")).settings.training
    assert {learning_rate(settings, done, windows_per_epoch=100) for done in range(400, 500)} == {0.5}


@pytest.mark.parametrize("windows", [1300, 130, 26, 6500])
def test_a_budget_has_the_epochs_of_its_schedule_as_equal_parts(windows: int) -> None:
    """`training.minutes` is kept as windows: 4 of 13 parts at the full rate, then half of it, and so on."""
    settings = resolve(read_preset("small"), [("--set", f"training.windows={windows}")]).settings.training
    part = windows // 13
    all_rates = [learning_rate(settings, done, 100) for done in range(windows)]
    assert [all_rates[first : first + part] for first in range(0, windows, part)] == [
        [rate] * part for rate in rates("small")
    ]


def test_a_budget_of_a_few_windows_goes_through_its_schedule_all_the_same() -> None:
    settings = TrainingSettings(epochs=13, windows=7)
    seven = [learning_rate(settings, done, 100) for done in range(7)]
    assert seven == [1, 1, 1, 0.25, 0.0625, 0.015625, 0.00390625]


COSINE = TrainingSettings(
    schedule="cosine", epochs=2, learning_rate=0.004, warmup_windows=9, final_rate=0.1, full_softmax=0.25
)


def test_a_cosine_warms_up_and_falls_to_its_final_rate() -> None:
    rates = [learning_rate(COSINE, done, windows_per_epoch=500) for done in range(1001)]
    assert rates[:10] == pytest.approx([0.0004 * number for number in range(1, 11)], rel=0.01)
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[500] == pytest.approx(0.0022)
    assert rates[1000] == pytest.approx(0.0004)


def test_windows_stand_above_epochs() -> None:
    assert (total_windows(COSINE, 500), total_epochs(COSINE, 500), sampled_windows(COSINE, 500)) == (1000, 2, 750)
    short = TrainingSettings(epochs=9, windows=501, full_softmax=1.0)
    assert (total_windows(short, 500), total_epochs(short, 500), sampled_windows(short, 500)) == (501, 2, 0)
