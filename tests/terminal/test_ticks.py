"""Ticks of the axes, and their labels."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.text.axis import LOG_STEPS, linear_ticks, log_ticks, roundness, spaced, tick_label
from ptbterm.terminal.text.plot import LABEL_CELLS, Marker, Plot, Series
from tests.terminal.plot_examples import AXIS_CELLS, TWO_PIECES, dots, picture, rows_of


def test_log_ticks_are_round_numbers() -> None:
    assert log_ticks(9, 210, 5) == [10, 15, 20, 30, 50, 70, 100, 150, 200]
    assert log_ticks(0.2, 1, 5) == pytest.approx([0.2, 0.3, 0.5, 0.7, 1])


@given(st.floats(1e-6, 1e9), st.floats(1.0, 1e6), st.integers(1, 20))
def test_log_ticks_lie_within_the_range(least: float, ratio: float, most: int) -> None:
    ticks = log_ticks(least, least * ratio, most)
    assert ticks == sorted(ticks)
    assert all(least * (1 - 1e-9) <= tick <= least * ratio * (1 + 1e-9) for tick in ticks)
    if ratio > 4:
        steps = [tick / 10 ** math.floor(math.log10(tick * (1 + 1e-9))) for tick in ticks]
        assert all(min(abs(step - round_step) for round_step in LOG_STEPS) < 1e-6 for step in steps)


def test_a_narrow_range_has_linear_ticks() -> None:
    assert log_ticks(90, 110, 5) == [90, 95, 100, 105, 110]
    assert linear_ticks(0, 13, 5) == [0, 5, 10]
    assert linear_ticks(101.2, 101.9, 4) == pytest.approx([101.2, 101.4, 101.6, 101.8])


@given(st.floats(0, 1e6), st.floats(0.01, 1e6), st.integers(1, 20))
def test_linear_ticks_are_evenly_spaced_and_few(least: float, span: float, most: int) -> None:
    ticks = linear_ticks(least, least + span, most)
    assert len(ticks) <= most + 1
    distances = [after - before for before, after in pairwise(ticks)]
    assert distances == pytest.approx([distances[0]] * len(distances) if distances else [])


@pytest.mark.parametrize("power", [0.001, 1, 1_000_000])
def test_round_numbers_come_first(power: float) -> None:
    assert sorted([step * power for step in LOG_STEPS], key=roundness) == [
        step * power for step in (1, 5, 2, 3, 7, 1.5)
    ]


@pytest.mark.parametrize(
    ("tick", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (7, "7"),
        (98.5, "98.5"),
        (1_500, "1,500"),
        (10_000, "10k"),
        (20_000, "20k"),
        (12_500, "12.5k"),
        (150_000, "150k"),
        (3_000_000, "3M"),
        (1.5e9, "1.5G"),
    ],
)
def test_label_of_a_tick(tick: float, text: str) -> None:
    assert tick_label(tick) == text


@given(st.floats(1, 1e30))
def test_no_label_is_wider_than_its_place(tick: float) -> None:
    assert len(tick_label(tick)) <= LABEL_CELLS


def test_labels_keep_their_distance() -> None:
    assert list(spaced({0: 1.0, 1: 2.0, 2: 3.0, 5: 4.0}, 2)) == [(0, 1.0), (2, 3.0), (5, 4.0)]
    assert list(spaced({}, 2)) == []


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        ((9, 1_100), ["1,000", "500", "200", "100", "50", "20", "10"]),
        ((2_900, 10_400), ["10k", "7,000", "5,000", "3,000"]),
        ((98.5, 103.4), ["103", "102", "101", "100", "99"]),
        ((50_000, 250_000), ["200k", "150k", "100k", "70k", "50k"]),
        ((100, 3e6), ["2M", "1M", "100k", "50k", "10k", "5,000", "1,000", "500", "100"]),
    ],
)
def test_labels_of_the_axis_of_perplexity(y: tuple[float, float], labels: list[str]) -> None:
    rows = rows_of(Plot(x=(0, 1), y=y), 40, 19)
    assert [text for row in rows[:-1] if (text := row[:LABEL_CELLS].strip())] == labels


@pytest.mark.parametrize(
    ("x", "cells", "axis"),
    [
        ((0, 2), 26, "└┬0───────┬1──────┬"),
        ((0, 13), 48, "└┬0─────────────┬5─────────────┬10───────"),
        ((0, 13), 80, "└┬0─────────┬2─────────┬4─────────┬6─────────┬8─────────┬10────────┬12───"),
        ((0, 400), 48, "└┬0────────┬100──────┬200─────┬300──────┬"),
    ],
)
def test_labels_of_the_axis_of_epochs(x: tuple[float, float], cells: int, axis: str) -> None:
    assert rows_of(Plot(x=x, y=(1, 10)), cells, 3)[-1].strip() == axis


def number(text: str) -> float:
    unit = {"k": "e3", "M": "e6", "G": "e9"}.get(text[-1], "")
    return float(text.replace(",", "").rstrip("kMG") + unit)


def labels_by_row(plot: Plot, rows: int) -> dict[int, float]:
    labels = [row[:LABEL_CELLS].strip() for row in rows_of(plot, 40, rows)[:-1]]
    return {row: number(text) for row, text in enumerate(labels) if text}


def rows_where_drawn(plot: Plot, value: float, rows: int) -> set[int]:
    """Return the row of a value, or both of them where it lies between two."""
    near = (value * (1 - 1e-9), value * (1 + 1e-9))
    level = [replace(plot, series=[Series([[(0, value), (1, value)]])]) for value in near]
    return {row // 4 for plot in level for row, _ in dots(plot, 40, rows)}


@given(st.floats(1, 1e7), st.floats(1.1, 1e4), st.integers(2, 40), st.booleans())
def test_labels_stand_where_their_numbers_are_drawn(least: float, ratio: float, rows: int, log: bool) -> None:
    plot = Plot(x=(0, 1), y=(least, least * ratio), log=log)
    labels = labels_by_row(plot, rows)
    assert all(row in rows_where_drawn(plot, value, rows) for row, value in labels.items())
    assert all(below - above >= 2 for above, below in pairwise(labels))


@pytest.mark.parametrize("place", [1.0, 1.25])
def test_the_cursor_stands_behind_markers_and_their_numbers(place: float) -> None:
    plot = replace(TWO_PIECES, markers=[Marker(1, 400, "◆", "400.0")], cursor=place)
    assert "◆400.0" in picture(plot, 26, 8)


def test_labels_of_a_late_epoch_are_evenly_spaced() -> None:
    axis = rows_of(Plot(x=(120, 122), y=(1, 10)), 80, 3)[-1]
    labels = [float(text) for text in re.findall(r"[\d.]+", axis)]
    assert len({round(after - before, 6) for before, after in pairwise(labels)}) == 1


def test_no_two_labels_of_great_perplexities_are_the_same() -> None:
    labels = labels_by_row(Plot(x=(0, 1), y=(1.2e17, 1.8e17)), 19)
    assert len(set(labels.values())) == len(labels)


def test_a_power_law_is_straight_where_both_axes_are_log() -> None:
    ranks = [10 ** (step / 20) for step in range(81)]
    zipf = Plot(
        x=(1, 10_000), y=(1, 10_000), series=[Series([[(rank, 10_000 / rank) for rank in ranks]])], log_x=True
    )
    cells = AXIS_CELLS + 40
    drawn_dots = dots(zipf, cells, 11)
    for row, column in drawn_dots:
        assert row == pytest.approx(column * (4 * 10 - 1) / (2 * 40 - 1), abs=1)
    assert {column for _, column in drawn_dots} == set(range(80))
    assert re.findall(r"┬([\d,k]+)", rows_of(zipf, cells, 11)[-1]) == ["1", "10", "100", "1,000"]
    assert [zipf.x_at(column, cells) for column in (AXIS_CELLS, cells - 1)] == pytest.approx([1, 10_000])
    assert zipf.x_at(AXIS_CELLS + 13, cells) == pytest.approx(10_000 ** (13 / 39))
