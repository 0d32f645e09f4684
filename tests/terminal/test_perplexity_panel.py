"""Panel 1: the curve of the perplexity."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.penn_treebank import FINGERPRINT as PENN_TREEBANK
from ptbterm.runs.condition import Condition
from ptbterm.runs.record import RunRecord
from ptbterm.terminal.screens.dashboard.epochs import epoch_lines
from ptbterm.terminal.screens.dashboard.perplexity import (
    CurveOptions,
    Extent,
    nearest_point,
    perplexity_lines,
    perplexity_plot,
    place_at,
    x_range,
)
from ptbterm.terminal.text.lines import width
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.examples.events import RECORD
from tests.terminal.panel_examples import TWO_EPOCHS, text_of
from tests.terminal.view_examples import (
    STARTED,
    TRAINING,
    Shown,
    epoch_finished,
    estimated,
    evaluated,
    progress,
    view,
)

WORSE_AGAIN = [*TRAINING, epoch_finished(2, train=150.2, valid=243.3), progress(3, 0.25, 121.0)]


def curve(run: Shown, look: CurveOptions | None = None, cells: int = 80, rows: int = 14) -> str:
    return text_of(perplexity_lines(*run, look or CurveOptions(), cells, rows))


def legend(run: Shown, look: CurveOptions | None = None, cells: int = 80) -> str:
    return curve(run, look, cells).splitlines()[-1]


def test_a_whole_run() -> None:
    assert curve(view(*TWO_EPOCHS, record=RECORD), rows=12) == "\n".join(
        [
            " 1,000 ┤⠠⡀",
            "       │ ⠈⠦⡀",
            "       │   ⠑⡄",
            "   500 ┤    ⠘⡄",
            "       │     ⠱",
            "   300 ┤",
            "       │",
            "   200 ┤┄┄┄┄┄◆203.7┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ notebook 203.7",
            "       │       ⠐⠄  ★143.3",
            "       │┄┄┄┄┄┄┄┄┄┄┄┄⠠┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ TensorFlow small 115.9",
            "       └┬0─────────┬2─────────┬4─────────┬6─────────┬8─────────┬10────────┬12───",
            " ── train 121.0   ◆ valid 143.3   ★ best 143.3, epoch 2   ┄┄ reference  log axis",
        ]
    )


@pytest.mark.parametrize(
    ("symbols", "shown_line"),
    [
        (UNICODE, " ── train 121.0   ◆ valid 243.3   ★ best 203.7, epoch 1   ┄┄ reference  log axis"),
        (ASCII, " ** train 121.0   o valid 243.3   # best 203.7, epoch 1   -- reference  log axis"),
    ],
)
def test_train_valid_and_best_differ_without_color(symbols: Symbols, shown_line: str) -> None:
    run = view(*WORSE_AGAIN, record=RECORD, symbols=symbols)
    assert legend(run) == shown_line
    rows = curve(run).splitlines()[:-1]
    marked = {value: row for value in ("203.7", "243.3") for row in rows if f"{value}" in row.split("notebook")[0]}
    assert f"{symbols.best}203.7" in marked["203.7"]
    assert f"{symbols.valid}243.3" in marked["243.3"]


def test_before_the_first_epoch_ends_there_is_a_train_value_alone() -> None:
    run = view(msgspec.structs.replace(STARTED, corpus="letters.txt"), progress(1, 0.5, 512.44))
    assert legend(run).split("   ")[0] == " ── train 512.4"
    assert "valid" not in legend(run)
    assert "best" not in legend(run)


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (view(STARTED), "Waiting for the first progress report…"),
        (view(STARTED, symbols=ASCII), "Waiting for the first progress report..."),
        (view(STARTED, condition=Condition.LOST), "Nothing was trained yet."),
    ],
)
def test_no_curve_yet(run: Shown, text: str) -> None:
    assert curve(run).strip() == text


@pytest.mark.parametrize(("symbols", "about"), [(UNICODE, "≈"), (ASCII, "~")])
def test_an_estimate_is_marked_where_it_is_shown(symbols: Symbols, about: str) -> None:
    run = view(*estimated(TRAINING), symbols=symbols)
    assert legend(run).startswith(f" {symbols.train} train {about}154.2   {symbols.valid} valid 203.7")
    assert f"train {about}154.2  " in legend(run, CurveOptions(inspected=1.46))
    table = text_of(epoch_lines(*run))
    assert f"{about}336.1     203.7 " in table
    assert f"{about}154.2 " in table
    everything = curve(run) + table
    assert everything.count(about) == 3


def test_measured_values_are_not_marked() -> None:
    everything = curve(view(*TWO_EPOCHS)) + curve(view(*TWO_EPOCHS), CurveOptions(inspected=1.0))
    assert "≈" not in everything + text_of(epoch_lines(*view(*TWO_EPOCHS)))


@pytest.mark.parametrize("title", ["Penn Treebank", "demo corpus", "letters.txt", "mine"])
@pytest.mark.parametrize("is_published", [True, False])
def test_published_levels_are_drawn_for_the_text_of_the_penn_treebank_whatever_it_is_called(
    title: str, is_published: bool
) -> None:
    record = on_text(PENN_TREEBANK if is_published else "0" * 64)
    run = view(msgspec.structs.replace(STARTED, corpus=title), *TWO_EPOCHS[1:], record=record)
    assert ("notebook 203.7" in curve(run)) is is_published
    assert ("TensorFlow small 115.9" in curve(run)) is is_published
    assert ("┄┄ reference" in legend(run)) is is_published


def on_text(fingerprint: str) -> RunRecord:
    return msgspec.structs.replace(RECORD, run=msgspec.structs.replace(RECORD.run, corpus_fingerprint=fingerprint))


def test_guides_can_be_switched_off() -> None:
    assert "┄" not in curve(view(*TWO_EPOCHS, record=RECORD), CurveOptions(guides=False))


def test_the_floor_of_a_demo_corpus_is_shown() -> None:
    start = msgspec.structs.replace(STARTED, corpus="demo")
    run = view(start, progress(1, 0.9, 40.0), epoch_finished(1, 38.0, 30.0), evaluated("test", 29.5, floor=26.5))
    assert "┄ floor 26.50" in curve(run)
    assert "┄┄ reference" in legend(run)
    assert "floor" not in curve(run, CurveOptions(guides=False))


def test_the_first_words_do_not_stretch_the_axis() -> None:
    reports = [progress(1, share, 300.0 - 100 * share) for share in (0.3, 0.6, 0.9)]
    without, plot = (
        perplexity_plot(*view(STARTED, *early, *reports), CurveOptions(guides=False))
        for early in ([], [progress(1, 0.001, 9_876.0)])
    )
    assert plot.y == without.y
    least, greatest = plot.y
    assert 210 / 1.11 < least < 210
    assert 270 < greatest < 270 * 1.11


def test_the_axis_may_be_linear() -> None:
    assert legend(view(*TRAINING), CurveOptions(log=False)).endswith("linear axis")
    assert legend(view(*TRAINING)).endswith("log axis")


def test_extents() -> None:
    run = view(*TWO_EPOCHS)
    shown = [x_range(run.run, CurveOptions(extent=extent)) for extent in Extent]
    assert shown == [(0.0, 13.0), (1.0, 3.0), (2.0, 3.0)]
    first = view(STARTED, progress(1, 0.5, 512.44))
    assert [x_range(first.run, CurveOptions(extent=extent)) for extent in Extent] == [(0, 13), (0, 1), (0, 1)]


def test_a_point_is_inspected() -> None:
    rows = curve(view(*TRAINING), CurveOptions(extent=Extent.LAST_TWO, inspected=1.4)).splitlines()
    assert rows[-1] == " epoch 1.36  train 162.3  9,744 words/s  rate 1    left, right move  Esc closes"
    assert [row[56] for row in rows[:-3]] == ["│"] * 11


@pytest.mark.parametrize("extent", [Extent.LAST_TWO, Extent.THIS_EPOCH])
def test_a_point_beyond_the_extent_is_shown_without_a_cursor(extent: Extent) -> None:
    run = view(STARTED, *(progress(epoch, 0.5, 500.0 / epoch) for epoch in range(1, 8)))
    *plot, shown_line = curve(run, CurveOptions(extent=extent, inspected=0.5)).splitlines()
    assert plot == curve(run, CurveOptions(extent=extent)).splitlines()[:-1]
    assert shown_line.startswith(" epoch 0.50  train 500.0  ")


def test_points_are_stepped_through() -> None:
    run = view(*TRAINING)
    near = nearest_point(run.run, 0.33)
    assert (near.epochs, nearest_point(run.run, 0.33, 2).epochs) == (0.3, 0.5)
    assert nearest_point(run.run, 0.33, -1_000).epochs == 0.1
    assert nearest_point(run.run, 0.33, 1_000).epochs == 1.46


def test_the_place_below_the_mouse() -> None:
    run, look = view(*TRAINING), CurveOptions()
    assert [place_at(*run, look, column, 80) for column in (0, 8, 79)] == [0.0, 0.0, 13.0]
    assert place_at(*run, CurveOptions(extent=Extent.LAST_TWO), 44, 80) == pytest.approx(1.0, abs=0.02)


@given(
    st.integers(76, 200),
    st.integers(4, 50),
    st.sampled_from(Extent),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 2.25]),
    st.sampled_from([UNICODE, ASCII]),
)
def test_curves_have_the_size_asked(
    cells: int, rows: int, extent: Extent, log_axis: bool, guides: bool, inspected: float | None, symbols: Symbols
) -> None:
    look = CurveOptions(extent=extent, log=log_axis, guides=guides, inspected=inspected)
    lines = perplexity_lines(*view(*TWO_EPOCHS, record=RECORD, symbols=symbols), look, cells, rows)
    assert [width(line) for line in lines] == [cells] * rows
