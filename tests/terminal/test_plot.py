"""Curves as text: what a small plot looks like, and what holds for every plot."""

import math
import re
from dataclasses import replace
from itertools import pairwise
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.text.axis import LOG_STEPS, linear_ticks, log_ticks, roundness, spaced, tick_label
from ptbterm.terminal.text.lines import Role, plain_text, width
from ptbterm.terminal.text.plot import DOTS, LABEL_CELLS, Guide, Marker, Plot, Points, Series, Stroke

AXIS_CELLS = LABEL_CELLS + 2
FALLING = Plot(x=(0, 1), y=(10, 1000), series=[Series([[(0, 1000), (1, 10)]])])
TWO_PIECES = Plot(x=(0, 2), y=(10, 1000), series=[Series([[(0, 1000), (0.7, 150)], [(1.2, 60), (2, 20)]])])
STROKES = {
    "solid": Stroke.SOLID,
    "dashed": Stroke.DASHED,
    "dotted": Stroke.DOTTED,
    "dash-dot": Stroke.DASH_DOT,
}


def rows_of(plot: Plot, cells: int, rows: int) -> list[str]:
    return [plain_text(line) for line in plot.render(cells, rows)]


def picture(plot: Plot, cells: int, rows: int) -> str:
    return dedent("\n".join(row.rstrip() for row in rows_of(plot, cells, rows)))


def drawn(text: str) -> str:
    return dedent(text).strip("\n")


def dots(plot: Plot, cells: int, rows: int) -> set[tuple[int, int]]:
    """Return (row, column) of each braille dot of the picture, from its upper left corner."""
    return {
        (4 * row + dot_row, 2 * column + dot_column)
        for row, text in enumerate(rows_of(plot, cells, rows)[:-1])
        for column, letter in enumerate(text[AXIS_CELLS:])
        for dot_row in range(4)
        for dot_column in range(2)
        if 0x2800 < ord(letter) <= 0x28FF and ord(letter) & int(DOTS[dot_row, dot_column])
    }


def test_a_falling_line() -> None:
    assert picture(FALLING, 20, 6) == drawn("""
         1,000 ┤⠑⠤⡀
               │  ⠈⠢⣀
           100 ┤     ⠑⢄
               │       ⠉⠢⡀
            10 ┤         ⠈⠒⢄
               └┬0─────────┬
        """)


def test_a_falling_line_in_ascii() -> None:
    assert picture(replace(FALLING, ascii_only=True), 20, 6) == drawn("""
         1,000 +***
               |  ***
           100 +     **
               |       ***
            10 +         ***
               ++0---------+
        """)


def test_the_pen_is_lifted_between_pieces() -> None:
    assert picture(TWO_PIECES, 26, 8) == drawn("""
         1,000 ┤⠑⢄
               │  ⠑⠢⡀
               │    ⠈⠢⡀
           100 ┤
               │          ⠈⠒⠤⣀
               │              ⠉⠒⠤⢄
            10 ┤
               └┬0───────┬1──────┬
        """)


def test_markers_have_their_number_on_the_right_or_where_there_is_room() -> None:
    markers = [Marker(1, 400, "◆", "400.0"), Marker(2, 200, "★", "200.0")]
    assert picture(replace(TWO_PIECES, markers=markers), 26, 8) == drawn("""
         1,000 ┤⠑⢄
               │  ⠑⠢⡀    ◆400.0
               │    ⠈⠢⡀     200.0★
           100 ┤
               │          ⠈⠒⠤⣀
               │              ⠉⠒⠤⢄
            10 ┤
               └┬0───────┬1──────┬
        """)


def test_of_two_markers_side_by_side_the_newer_has_its_number() -> None:
    markers = [Marker(1, 400, "◆", "400.0"), Marker(1.4, 400, "◆", "399.5")]
    assert picture(replace(TWO_PIECES, markers=markers), 26, 8).splitlines()[1] == "      │  ⠑⠢⡀    ◆  ◆399.5"


def test_markers_stand_however_many_there_are() -> None:
    crowd = [Marker(place / 4, 400, "◆", "400.0") for place in range(9)]
    assert rows_of(replace(TWO_PIECES, markers=crowd), 26, 8)[1].count("◆") == 9


def test_a_guide_is_a_line_with_its_name_at_the_right() -> None:
    assert picture(replace(TWO_PIECES, guides=[Guide(400, "small 400")]), 26, 8) == drawn("""
         1,000 ┤⠑⢄
               │┄┄⠑⠢⡀┄┄ small 400
               │    ⠈⠢⡀
           100 ┤
               │          ⠈⠒⠤⣀
               │              ⠉⠒⠤⢄
            10 ┤
               └┬0───────┬1──────┬
        """)


def test_the_name_of_a_guide_makes_way_for_the_curve() -> None:
    assert picture(replace(TWO_PIECES, guides=[Guide(20, "medium 20")]), 26, 8) == drawn("""
         1,000 ┤⠑⢄
               │  ⠑⠢⡀
               │    ⠈⠢⡀
           100 ┤
               │          ⠈⠒⠤⣀
               │ medium 20 ┄┄┄⠉⠒⠤⢄
            10 ┤
               └┬0───────┬1──────┬
        """)


def test_a_guide_without_room_for_its_name_is_a_line_alone() -> None:
    assert picture(replace(FALLING, guides=[Guide(100, "medium 100")]), 26, 6) == drawn("""
         1,000 ┤⠑⠢⢄⡀
               │   ⠈⠑⠢⣀
           100 ┤┄┄┄┄┄┄┄⠉⠒⠤⣀┄┄┄┄┄┄┄
               │           ⠉⠢⢄⡀
            10 ┤              ⠈⠑⠢⢄
               └┬0───────┬0.5────┬
        """)


def test_a_guide_out_of_range_is_not_drawn() -> None:
    assert picture(replace(TWO_PIECES, guides=[Guide(5, "large 5")]), 26, 8) == picture(TWO_PIECES, 26, 8)


def test_the_cursor_is_behind_the_curve() -> None:
    assert picture(replace(TWO_PIECES, cursor=1.5), 26, 8) == drawn("""
         1,000 ┤⠑⢄           │
               │  ⠑⠢⡀        │
               │    ⠈⠢⡀      │
           100 ┤             │
               │          ⠈⠒⠤⣀
               │             │⠉⠒⠤⢄
            10 ┤             │
               └┬0───────┬1──────┬
        """)


@pytest.mark.parametrize("place", [-9.0, -0.1, 2.1, 9.0])
def test_a_cursor_out_of_range_is_not_drawn(place: float) -> None:
    assert picture(replace(TWO_PIECES, cursor=place), 26, 8) == picture(TWO_PIECES, 26, 8)


def test_everything_at_once_in_ascii() -> None:
    plot = replace(
        TWO_PIECES,
        markers=[Marker(1, 400, "o", "400")],
        guides=[Guide(150, "m 150")],
        cursor=0.8,
        ascii_only=True,
    )
    assert picture(plot, 26, 8) == drawn("""
         1,000 +**     |
               |  ***  | o400
               |----***|--- m 150
           100 +       |
               |       |  ****
               |       |      ****
            10 +       |
               ++0-------+1------+
        """)


def test_a_curve_is_named_at_its_end() -> None:
    curves = [
        Series([[(0, 3), (1.8, 3)]], label="A"),
        Series([[(0, 1), (0.9, 1)]], stroke=Stroke.DASHED, label="B"),
    ]
    assert picture(Plot(x=(0, 3), y=(0, 4), series=curves, log=False), 26, 6) == drawn("""
             4 ┤
               │⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒A
             2 ┤
               │⠤⠤⠄ ⠤⠤B
             0 ┤
               └┬0─────────┬2─────
        """)


@pytest.mark.parametrize(
    ("stroke", "row", "row_in_ascii"),
    [
        ("solid", "⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤", "************"),
        ("dashed", "⠤⠤⠄ ⠤⠤⠄ ⠤⠤⠄ ", "*** *** *** "),
        ("dotted", "⠄ ⠄ ⠄ ⠄ ⠄ ⠄ ", "* * * * * * "),
        ("dash-dot", "⠤⠤⠤ ⠄ ⠤⠤⠤ ⠄ ", "*** * *** * "),
    ],
)
def test_strokes_are_distinguishable(stroke: str, row: str, row_in_ascii: str) -> None:
    level = Plot(x=(0, 1), y=(1, 5), series=[Series([[(0, 3), (1, 3)]], stroke=STROKES[stroke])], log=False)
    shown = [rows_of(plot, AXIS_CELLS + 12, 2)[0] for plot in (level, replace(level, ascii_only=True))]
    assert [text[AXIS_CELLS:] for text in shown] == [row, row_in_ascii]


def test_a_steep_curve_has_no_gaps() -> None:
    steep = Plot(x=(0, 1), y=(0, 100), series=[Series([[(0, 0), (0.45, 0), (0.5, 100), (1, 0)]])], log=False)
    shown = dots(steep, AXIS_CELLS + 10, 11)
    for column in range(1, 20):
        before = [row for row, other in shown if other == column - 1]
        here = [row for row, other in shown if other == column]
        assert max(min(before), min(here)) - min(max(before), max(here)) <= 1


def test_a_single_point_and_no_point_at_all() -> None:
    plot = Plot(
        x=(0, 1), y=(1, 100), series=[Series([[(0.3, 10)]]), Series([[]], label="A"), Series([], label="B")]
    )
    assert len(dots(plot, AXIS_CELLS + 10, 4)) == 1


# Whatever is drawn.

PERPLEXITIES = st.floats(1, 1e9)


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    """Return a plot of one or two pieces, of which some may lie beyond the range that is shown."""
    places = sorted(draw(st.lists(st.floats(0, 20, width=32), max_size=30)))
    values = draw(st.lists(PERPLEXITIES, min_size=len(places), max_size=len(places)))
    cut = draw(st.integers(0, len(places)))
    points = list(zip(places, values, strict=True))
    first, least = draw(st.floats(0, 18)), draw(PERPLEXITIES)
    last = first + draw(st.floats(0.01, 20))
    return Plot(
        x=(first, last),
        y=(least, least * draw(st.floats(1.001, 1e6))),
        series=[
            Series([points[:cut], points[cut:]], stroke=draw(st.sampled_from([*STROKES.values()])), label="A")
        ],
        markers=[Marker(x, y, "◆", f"{y:.1f}") for x, y in points[::3]],
        guides=[Guide(draw(PERPLEXITIES), "a guide")],
        log=draw(st.booleans()),
        cursor=draw(st.none() | st.floats(first, last)),
        ascii_only=draw(st.booleans()),
    )


@given(plots(), st.integers(AXIS_CELLS + 2, 150), st.integers(2, 40))
def test_every_line_is_as_wide_as_asked(plot: Plot, cells: int, rows: int) -> None:
    lines = plot.render(cells, rows)
    assert len(lines) == rows
    assert {width(line) for line in lines} == {cells}


@given(plots(), st.integers(AXIS_CELLS + 2, 150), st.integers(2, 40))
def test_ascii_plots_are_ascii(plot: Plot, cells: int, rows: int) -> None:
    markers = [replace(marker, symbol="o") for marker in plot.markers]
    plot = replace(plot, ascii_only=True, markers=markers)
    assert all(row.isascii() for row in rows_of(plot, cells, rows))


@st.composite
def pieces(draw: st.DrawFn) -> Points:
    """Return points from left to right, several of which may share a column of dots."""
    places = sorted(draw(st.lists(st.floats(0, 1), min_size=1, max_size=60)))
    return [(place, draw(st.floats(1, 1000))) for place in places]


@given(pieces(), st.integers(AXIS_CELLS + 2, 60), st.integers(2, 20), st.booleans())
def test_least_and_greatest_value_of_each_column_are_drawn(
    piece: Points, cells: int, rows: int, log: bool
) -> None:
    columns, dot_rows = 2 * (cells - AXIS_CELLS), 4 * (rows - 1)
    expected = set()
    for x, y in piece:
        share = math.log10(y) / 3 if log else (y - 1) / 999
        expected.add((round((1 - share) * (dot_rows - 1)), round(x * (columns - 1))))
    assert expected <= dots(Plot(x=(0, 1), y=(1, 1000), series=[Series([piece])], log=log), cells, rows)


@given(pieces(), st.sampled_from(["dashed", "dotted", "dash-dot"]))
def test_a_stroke_leaves_out_dots_of_the_solid_line(piece: Points, stroke: str) -> None:
    solid = Plot(x=(0, 1), y=(1, 1000), series=[Series([[(0, 500), *piece, (1, 500)]])])
    other = replace(solid, series=[replace(solid.series[0], stroke=STROKES[stroke])])
    assert dots(other, 60, 12) < dots(solid, 60, 12)


@given(st.integers(AXIS_CELLS + 2, 150), st.floats(0, 50), st.floats(0.1, 50), st.data())
def test_x_at_is_the_place_that_is_drawn_there(cells: int, first: float, span: float, data: st.DataObject) -> None:
    plot = Plot(x=(first, first + span), y=(1, 10))
    column = data.draw(st.integers(AXIS_CELLS, cells - 1))
    place = plot.x_at(column, cells)
    row = rows_of(replace(plot, markers=[Marker(place, 3, "◆", "")]), cells, 3)
    (found,) = [text.index("◆") for text in row if "◆" in text]
    assert abs(found - column) <= 1


def test_x_at_stays_within_the_range() -> None:
    assert [FALLING.x_at(column, 30) for column in (-5, 0, AXIS_CELLS, 29, 500)] == [0, 0, 0, 1, 1]


def test_the_axis_and_guides_are_muted_and_curves_are_not() -> None:
    plot = replace(FALLING, guides=[Guide(50, "a guide")])
    roles = {letter: span.role for line in plot.render(30, 8) for span in line for letter in span.text}
    assert {roles["┤"], roles["│"], roles["┄"], roles["g"], roles["└"]} == {Role.MUTED}
    assert roles["⠑"] is Role.TRAIN


# Ticks.


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
