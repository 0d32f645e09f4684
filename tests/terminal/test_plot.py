"""Curves as text: what a small plot looks like, and what holds for every plot."""

from dataclasses import replace
from textwrap import dedent

import pytest

from ptbterm.terminal.text.plot import Guide, Marker, Plot, Series, Stroke
from tests.terminal.plot_examples import AXIS_CELLS, FALLING, STROKES, TWO_PIECES, dots, picture, rows_of


def drawn(text: str) -> str:
    return dedent(text).strip("\n")


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
