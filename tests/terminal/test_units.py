"""Numbers as people read them."""

from datetime import datetime

import pytest

from ptbterm.terminal.text.numbers import (
    ago,
    clock,
    count,
    counted,
    duration,
    gigabytes,
    learning_rate,
    millions,
    percent,
    perplexity,
    short_perplexity,
)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.0 %"),
        (0.00001, "<0.1 %"),
        (0.000999, "<0.1 %"),
        (0.001, "0.1 %"),
        (0.0937, "9.4 %"),
        (1, "100.0 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-7, "0:00"),
        (0, "0:00"),
        (59.4, "0:59"),
        (59.6, "1:00"),
        (548, "9:08"),
        (3599.6, "1:00:00"),
        (4148, "1:09:08"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_perplexity() -> None:
    assert perplexity(203.66849) == "203.668"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1.000"),
        (3.7419, "3.742"),
        (9.9994, "9.999"),
        (9.9997, "10.00"),
        (10, "10.00"),
        (98.204, "98.20"),
        (99.997, "100.0"),
        (108.44, "108.4"),
        (999.94, "999.9"),
        (999.97, "1,000"),
        (1_000, "1,000"),
        (1_094.961, "1,095"),
        (1_234_567.8, "1,234,568"),
        (1.2345e17, "1.23e+17"),
    ],
)
def test_short_perplexity(value: float, text: str) -> None:
    assert short_perplexity(value) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0"),
        (1, "1"),
        (0.5, "0.5"),
        (20, "20"),
        (1_000, "1.0e+03"),
        (0.5**8, "0.0039"),
        (0.00312, "0.0031"),
        (0.0001, "0.0001"),
        (0.000_05, "5.0e-05"),
    ],
)
def test_learning_rate(rate: float, text: str) -> None:
    assert learning_rate(rate) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (9_512.4, "9,512"), (1e6, "1,000,000")])
def test_count(number: float, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(960, "960"), (99_999, "99,999"), (100_000, "0.1 M"), (4_650_800, "4.7 M"), (66_000_000, "66.0 M")],
)
def test_millions(number: int, text: str) -> None:
    assert millions(number) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0.0 GB"), (912_000_000, "0.9 GB"), (5.14e9, "5.1 GB"), (1e10, "10 GB"), (128.4e9, "128 GB")],
)
def test_gigabytes(size: float, text: str) -> None:
    assert gigabytes(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (40.4, "40 s"),
        (99, "99 s"),
        (99.7, "2 min"),
        (540, "9 min"),
        (5_940, "99 min"),
        (5_980, "2 h"),
        (10_800, "3 h"),
        (169_200, "47 h"),
        (172_000, "2 days"),
        (172_800, "2 days"),
        (30 * 86_400, "30 days"),
    ],
)
def test_ago(seconds: float, text: str) -> None:
    assert ago(seconds) == text


@pytest.mark.parametrize(("hour", "minute", "text"), [(0, 0, "00:00"), (9, 5, "09:05"), (23, 59, "23:59")])
def test_clock_is_the_time_of_day_where_this_machine_is(hour: int, minute: int, text: str) -> None:
    assert clock(datetime(2026, 11, 23, hour, minute, 59).astimezone()) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (1200, "1,200 epochs")]
)
def test_counted(value: int, text: str) -> None:
    assert counted(value, "epoch") == text
