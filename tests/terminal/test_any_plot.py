"""Properties of any plot."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.text.lines import Role, width
from ptbterm.terminal.text.plot import Guide, Marker, Plot, Points, Series
from tests.terminal.plot_examples import AXIS_CELLS, FALLING, STROKES, dots, rows_of

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
