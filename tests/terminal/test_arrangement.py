"""Which panels are on the screen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.terminal.screens.dashboard.arrangement import SETTINGS_ROWS, Arrangement, Place
from ptbterm.terminal.text.lines import TWO_COLUMNS

NARROW = Arrangement(cells=TWO_COLUMNS - 1)
WIDE = Arrangement(cells=TWO_COLUMNS, rows=SETTINGS_ROWS - 1)
TALL = replace(WIDE, rows=SETTINGS_ROWS)
FOUR = {Place.PERPLEXITY, Place.EPOCHS, Place.SPEED, Place.WORDS}
SIZES = st.tuples(st.sampled_from([80, 109, 110, 200]), st.sampled_from([24, 49, 50, 70]))


def hide_all(arrangement: Arrangement) -> Arrangement:
    for place in Place:
        arrangement = arrangement.go_to(place).hide(place)
    return arrangement


def test_a_narrow_screen_shows_one_panel_a_page() -> None:
    assert NARROW.one_column
    assert NARROW.visible == {Place.PERPLEXITY}
    assert NARROW.go_to(Place.LOG).visible == {Place.LOG}


def test_a_wide_screen_shows_four_panels_and_a_tall_one_the_settings_too() -> None:
    assert not WIDE.one_column
    assert WIDE.visible == FOUR
    assert TALL.visible == FOUR | {Place.SETTINGS}


def test_a_digit_chooses_and_the_same_digit_again_zooms_and_back() -> None:
    chosen = WIDE.go_to(Place.EPOCHS)
    assert chosen.page is Place.EPOCHS
    assert chosen.visible == FOUR
    zoomed = chosen.go_to(Place.EPOCHS)
    assert zoomed.visible == {Place.EPOCHS}
    assert zoomed.go_to(Place.EPOCHS) == chosen


def test_another_digit_leaves_the_zoom() -> None:
    zoomed = WIDE.zoom(Place.WORDS)
    assert zoomed.visible == {Place.WORDS}
    assert zoomed.go_to(Place.SPEED) == WIDE.go_to(Place.SPEED)


@pytest.mark.parametrize("place", [Place.LOG, Place.SETTINGS])
def test_a_panel_that_has_no_place_is_zoomed(place: Place) -> None:
    shown = WIDE.go_to(place)
    assert shown.visible == {place}
    assert shown.go_to(place) == shown
    assert shown.go_to(Place.EPOCHS).visible == FOUR
    assert shown.zoom(place).visible == FOUR


def test_a_tall_screen_has_a_place_for_the_settings() -> None:
    assert TALL.go_to(Place.SETTINGS).visible == FOUR | {Place.SETTINGS}


def test_zoom_and_back() -> None:
    assert WIDE.zoom(Place.SPEED).visible == {Place.SPEED}
    assert WIDE.zoom(Place.SPEED).zoom(Place.SPEED).visible == FOUR


def test_there_is_nothing_to_zoom_in_one_column() -> None:
    assert NARROW.zoom(Place.SPEED) == replace(NARROW, page=Place.SPEED)
    assert NARROW.go_to(Place.SPEED).go_to(Place.SPEED).zoomed is False


def test_a_hidden_panel_gives_its_place_away_until_its_digit_is_pressed() -> None:
    less = WIDE.hide(Place.WORDS)
    assert less.visible == FOUR - {Place.WORDS}
    assert less.go_to(Place.WORDS).visible == {Place.WORDS}
    assert less.go_to(Place.WORDS).go_to(Place.SPEED).visible == FOUR - {Place.WORDS}


def test_hiding_a_zoomed_panel_leaves_the_zoom() -> None:
    assert WIDE.zoom(Place.WORDS).hide(Place.WORDS).visible == FOUR - {Place.WORDS}


def test_the_last_panel_stays() -> None:
    last = WIDE.hide(Place.PERPLEXITY).hide(Place.EPOCHS).hide(Place.SPEED)
    assert last.visible == {Place.WORDS}
    assert last.hide(Place.WORDS) == last
    assert last.zoom(Place.WORDS).hide(Place.WORDS) == last.zoom(Place.WORDS)


def test_what_is_chosen_and_zoomed_outlives_a_narrow_moment() -> None:
    zoomed = WIDE.zoom(Place.WORDS)
    narrow = replace(zoomed, cells=80)
    assert narrow.visible == {Place.WORDS}
    assert replace(narrow, cells=WIDE.cells) == zoomed


def test_one_panel_is_left_for_a_screen_that_grows_wider() -> None:
    assert replace(hide_all(NARROW), cells=WIDE.cells).visible == {Place.WORDS}


def test_a_screen_that_has_no_place_for_the_last_panel_shows_the_one_chosen() -> None:
    last = hide_all(TALL).go_to(Place.SETTINGS)
    assert last.visible == {Place.SETTINGS}
    assert replace(last, rows=WIDE.rows).visible == {Place.SETTINGS}


@given(st.lists(st.tuples(st.sampled_from(["go_to", "zoom", "hide"]), st.sampled_from(Place), SIZES), max_size=20))
def test_something_is_always_on_the_screen(steps: list[tuple[str, Place, tuple[int, int]]]) -> None:
    arrangement = Arrangement()
    for step, place, (cells, rows) in steps:
        arrangement = replace(arrangement, cells=cells, rows=rows)
        assert arrangement.visible
        arrangement = getattr(arrangement, step)(place)
        assert arrangement.visible
        if step == "go_to":
            assert place in arrangement.visible
