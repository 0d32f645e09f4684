"""The panels of the dashboard, as plain text: what they say of a run in each of its states."""

import unicodedata
from dataclasses import replace
from datetime import timedelta
from textwrap import dedent
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.penn_treebank import FINGERPRINT as PENN_TREEBANK
from ptbterm.runs.condition import Condition
from ptbterm.runs.events import AnyEvent, Warned
from ptbterm.runs.machine import Machine
from ptbterm.runs.record import RunFacts, RunRecord
from ptbterm.settings.schema import CorpusSettings, TrainingSettings
from ptbterm.terminal.screens.dashboard.epochs import epoch_lines
from ptbterm.terminal.screens.dashboard.header import header_lines, may_kill, status
from ptbterm.terminal.screens.dashboard.log import failure_lines, log_lines
from ptbterm.terminal.screens.dashboard.perplexity import (
    CurveOptions,
    Extent,
    nearest_point,
    perplexity_lines,
    perplexity_plot,
    place_at,
    x_range,
)
from ptbterm.terminal.screens.dashboard.settings import setting_lines
from ptbterm.terminal.screens.dashboard.speed import speed_lines, speed_summary
from ptbterm.terminal.screens.dashboard.words import word_lines, word_summary
from ptbterm.terminal.text.lines import Line, Role, Span, plain_text, width
from ptbterm.terminal.text.numbers import clock
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.examples.events import NAME, RECORD
from tests.terminal.view_examples import (
    DIVERGED,
    FINISHED,
    FIRST_EPOCH,
    HOSTILE,
    NOW,
    SAVED_AT_WINDOW_7,
    STARTED,
    TRAINING,
    Shown,
    epoch_finished,
    estimated,
    evaluated,
    glimpse,
    progress,
    resumed,
    view,
)

ACTS: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
BOTH_WIDTHS = pytest.mark.parametrize("cells", [80, 140])
TWO_EPOCHS = [*TRAINING, epoch_finished(2, train=150.2, valid=143.3), progress(3, 0.25, 121.0)]
WORSE_AGAIN = [*TRAINING, epoch_finished(2, train=150.2, valid=243.3), progress(3, 0.25, 121.0)]


def text_of(lines: list[Line]) -> str:
    return "\n".join(plain_text(line).rstrip() for line in lines)


def drawn(text: str) -> str:
    return dedent(text).strip("\n")


def later(seconds: float, *events: AnyEvent) -> Shown:
    return view(*events, now=NOW + timedelta(seconds=seconds))


def asked_to_stop(seconds_ago: float, *events: AnyEvent) -> Shown:
    return view(*events, asked_to_stop=NOW - timedelta(seconds=seconds_ago))


def finished(*events: AnyEvent) -> Shown:
    return view(*TRAINING, *events, FINISHED, condition=Condition.FINISHED)


def ends(seconds: float) -> str:
    return clock(NOW + timedelta(seconds=seconds))


STATES: dict[str, tuple[Shown, str, str]] = {
    "starting": (view(condition=Condition.STARTING), "◌ starting", "The trainer is starting…"),
    "no words yet": (view(STARTED), "● running", "Training the first words…"),
    "running": (view(*TRAINING), "● running", "5 % 49:59 left, "),
    "silent": (later(59, *TRAINING), "● running", "5 % no events for 60 s"),
    "stopping": (asked_to_stop(4, *TRAINING), "◌ stopping", "after this window, 4 s"),
    "stopping for long": (
        asked_to_stop(31, *TRAINING),
        "◌ stopping",
        "Not responding. k kills it; the last checkpoint was saved 3 min ago.",
    ),
    "stopping for long, unsaved": (
        asked_to_stop(31, *TRAINING[:4]),
        "◌ stopping",
        "Not responding. k kills it; nothing is saved yet.",
    ),
    "finished": (
        finished(evaluated("test", 115.91)),
        "✓ finished",
        "test perplexity 115.9 · stream, 82,429 words · 50:00 of training",
    ),
    "finished, floor known": (
        finished(evaluated("test", 23.412, floor=21.2)),
        "✓ finished",
        "test perplexity 23.41, floor 21.20 · stream, 82,429 words · 50:00 of training",
    ),
    "finished, not scored": (finished(), "✓ finished", "50:00 of training"),
    "stopped": (
        view(*TRAINING, SAVED_AT_WINDOW_7, condition=Condition.STOPPED),
        "■ stopped",
        "at epoch 2, window 7, saved.  r resumes",
    ),
    "failed": (
        view(*TRAINING, DIVERGED, condition=Condition.FAILED),
        "✗ failed",
        "Training diverged. Lower training.learning_rate.",
    ),
    "lost": (
        view(*TRAINING, condition=Condition.LOST),
        "? lost",
        f"The trainer died; its last event was at {ends(-1)}.  r resumes",
    ),
    "never begun": (view(condition=Condition.LOST), "? lost", "The trainer never started.  r resumes"),
}


# The header.


@BOTH_WIDTHS
@pytest.mark.parametrize("state", STATES)
def test_header_shows_the_state_as_symbol_and_word_and_what_to_do(state: str, cells: int) -> None:
    run, sign_and_word, what_to_do = STATES[state]
    first, second = header_lines(*run, cells)
    assert (width(first), width(second)) == (cells, cells)
    assert plain_text(first).startswith(f" {NAME}  {sign_and_word} ")
    assert what_to_do in plain_text(second)


@BOTH_WIDTHS
@pytest.mark.parametrize("state", STATES)
def test_header_in_ascii(state: str, cells: int) -> None:
    lines = header_lines(*STATES[state][0]._replace(symbols=ASCII), cells)
    assert text_of(lines).isascii()
    assert [width(line) for line in lines] == [cells, cells]


@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
def test_no_two_states_look_alike(symbols: Symbols) -> None:
    shown = {status(*run._replace(symbols=symbols)).text for run, _, _ in STATES.values()}
    assert len(shown) == len({text.split()[0] + text.split()[1] for text in shown}) == 7


def test_header_of_a_wide_screen() -> None:
    first, second = header_lines(*view(*TRAINING), 140)
    facts = f"Penn Treebank · cpu, 2 threads · 4.7 M parameters · seed 7 · started {ends(-3_600)}"
    assert plain_text(first).startswith(f" {NAME}  ● running  {facts} ")
    assert plain_text(first).endswith(" epoch 2 of 13 ")
    assert plain_text(second).endswith(f"─ 5 % 49:59 left, ends {ends(2_999)}  ")


@pytest.mark.parametrize("state", ["running", "stopping", "finished"])
def test_a_space_divides_the_facts_from_the_epoch(state: str) -> None:
    assert plain_text(header_lines(*STATES[state][0], 80)[0]).endswith(" epoch 2 of 13 ")


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (80, "test perplexity 23.41, floor 21.20 · stream, 82,429 words · 50:00 of training"),
        (79, "test perplexity 23.41, floor 21.20 · stream, 82,429 words · 50:00 of training"),
        (78, "test perplexity 23.41, floor 21.20 · stream · 50:00 of training"),
        (65, "test perplexity 23.41, floor 21.20 · stream · 50:00 of training"),
        (64, "test perplexity 23.41, floor 21.20"),
        (36, "test perplexity 23.41, floor 21.20"),
    ],
)
def test_a_result_is_shortened_not_cut(cells: int, shown: str) -> None:
    run = finished(evaluated("test", 23.412, floor=21.2))
    assert plain_text(header_lines(*run, cells)[1]).strip() == shown


def test_header_names_the_corpus_before_the_first_event() -> None:
    first, _ = header_lines(*view(condition=Condition.STARTING, record=RECORD), 80)
    assert plain_text(first).rstrip() == f" {NAME}  ◌ starting  Penn Treebank"


def test_a_gpu_has_no_threads() -> None:
    first, _ = header_lines(*view(msgspec.structs.replace(STARTED, device="cuda:0")), 140)
    assert "Penn Treebank · cuda:0 · 4.7 M parameters" in plain_text(first)


@pytest.mark.parametrize(("done", "left", "percent"), [(0, 100, 0), (50, 50, 50), (75, 25, 75), (100, 0, 100)])
def test_the_bar_is_as_long_as_the_progress(done: float, left: float, percent: int) -> None:
    report = msgspec.structs.replace(progress(1, 0.5, 100.0), training_seconds=done, seconds_left=left)
    text = plain_text(header_lines(*view(STARTED, report), 80)[1])
    assert f" {percent} % " in text
    whole, rest = text.count("━"), text.count("─")
    assert whole == pytest.approx((whole + rest + text.count("╸")) * done / 100, abs=1)


def test_the_time_left_runs_on_between_reports() -> None:
    assert "49:30 left" in text_of(header_lines(*later(29, *TRAINING), 80))


def test_silent_only_after_three_times_the_usual_pause() -> None:
    slow: list[AnyEvent] = [
        STARTED,
        progress(1, 0.2, 500.0, seconds_ago=31),
        progress(1, 0.5, 400.0, seconds_ago=0),
    ]
    assert "no events" not in text_of(header_lines(*later(89, *slow), 80))
    assert "no events for 91 s" in text_of(header_lines(*later(91, *slow), 80))
    assert "no events" not in text_of(header_lines(*later(38, *TRAINING), 80))
    assert "no events for 41 s" in text_of(header_lines(*later(40, *TRAINING), 80))


@pytest.mark.parametrize("state", ["stopped", "lost", "never begun"])
def test_how_to_resume_by_key_and_where_it_fits_by_command(state: str) -> None:
    narrow, wide = (text_of(header_lines(*STATES[state][0], cells)) for cells in (80, 140))
    assert narrow.endswith("r resumes it.")
    assert wide.endswith(f"r resumes it, or: ptbterm resume {NAME}")


def test_killing_is_offered_after_half_a_minute_of_stopping() -> None:
    assert [may_kill(asked_to_stop(seconds, *TRAINING).run) for seconds in (4, 29, 30, 31)] == [
        False,
        False,
        True,
        True,
    ]
    assert not may_kill(view(*TRAINING).run)


# 1 Perplexity.


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
            " ── train 121.0   ◆ valid 143.3   ★ best 143.3, epoch 2   ┄┄ guide      log axis",
        ]
    )


@pytest.mark.parametrize(
    ("symbols", "shown_line"),
    [
        (UNICODE, " ── train 121.0   ◆ valid 243.3   ★ best 203.7, epoch 1   ┄┄ guide      log axis"),
        (ASCII, " ** train 121.0   o valid 243.3   # best 203.7, epoch 1   -- guide      log axis"),
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
    assert ("┄┄ guide" in legend(run)) is is_published


def on_text(fingerprint: str) -> RunRecord:
    return msgspec.structs.replace(RECORD, run=msgspec.structs.replace(RECORD.run, corpus_fingerprint=fingerprint))


def test_guides_can_be_switched_off() -> None:
    assert "┄" not in curve(view(*TWO_EPOCHS, record=RECORD), CurveOptions(guides=False))


def test_the_floor_of_a_demo_corpus_is_shown() -> None:
    start = msgspec.structs.replace(STARTED, corpus="demo")
    run = view(start, progress(1, 0.9, 40.0), epoch_finished(1, 38.0, 30.0), evaluated("test", 29.5, floor=26.5))
    assert "┄ floor 26.50" in curve(run)
    assert "┄┄ guide" in legend(run)
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


# 2 Epochs.


def test_a_row_an_epoch() -> None:
    assert text_of(epoch_lines(*view(*TWO_EPOCHS))) == drawn("""
        epoch      rate     train     valid    words/s    time
            1         1     336.1     203.7      9,498    1:40
            2         1     150.2     143.3      9,498    1:40   ★ best
            3         1     121.0         …      9,512    0:25   25 %
        """)


def test_a_chosen_epoch_is_marked() -> None:
    rows = epoch_lines(*view(*TWO_EPOCHS), 1)
    assert [plain_text(row)[0] for row in rows[1:]] == ["▸", " ", " "]
    rows = epoch_lines(*view(*TWO_EPOCHS, symbols=ASCII), 2)
    assert [plain_text(row)[0] for row in rows[1:]] == [" ", ">", " "]


def test_between_two_epochs_no_row_trains() -> None:
    assert len(epoch_lines(*view(*FIRST_EPOCH))) == 2


def test_an_epoch_that_was_taken_back_has_no_row() -> None:
    run = view(*TWO_EPOCHS, resumed(epoch=2))
    assert [plain_text(row).split()[0] for row in epoch_lines(*run)] == ["epoch", "1"]


def test_an_epoch_that_was_taken_back_begins_anew() -> None:
    run = view(*TWO_EPOCHS, resumed(epoch=2), progress(2, 0.25, 163.0))
    assert text_of(epoch_lines(*run)[2:]) == "    2         1     163.0         …      9,512    0:25   25 %"


def test_rates_that_decay() -> None:
    report = msgspec.structs.replace(progress(2, 0.46, 154.21), learning_rate=0.25)
    assert "    2      0.25     154.2 " in text_of(epoch_lines(*view(*FIRST_EPOCH, report)))


# 3 Speed.


def test_speed_rate_gradient_and_loss() -> None:
    machine = Machine(cpu_percent=187.4, memory=912_000_000, disk_free=51_400_000_000)
    assert text_of(speed_lines(*view(*TRAINING, record=RECORD, machine=machine), 40)) == drawn("""
        9,784 words/s now    9,512 mean
        ▇▇▇▇▇▇▇▇▇▇▇▇
        rate 1
        gradient norm 5.51 (clip 5)
        loss 4.812 nats per word
        training 2:26
        cpu 187 %   memory 0.9 GB
        51 GB free on disk
        """)


def test_the_gpu_is_told_where_there_is_one() -> None:
    machine = Machine(100.0, 2**30, 2**40, gpu="gpu 93 %, 1024 MiB")
    assert plain_text(speed_lines(*view(*TRAINING, machine=machine), 40)[-1]) == "gpu 93 %, 1024 MiB"


def test_a_hostile_driver_acts_on_no_terminal() -> None:
    assert_harmless(speed_lines(*view(*TRAINING, machine=Machine(100.0, 2**30, 2**40, gpu=HOSTILE)), 60))


def test_the_course_of_the_speed_is_that_of_the_last_reports() -> None:
    speeds = [100.0, 9_600.0, 4_800.0, 0.5]
    reports = [
        msgspec.structs.replace(progress(1, share / 10, 500.0), recent_words_per_second=words_per_second)
        for share, words_per_second in enumerate(speeds, 1)
    ]
    run = view(STARTED, *reports)
    assert plain_text(speed_lines(*run, 40)[1]) == "▁▇▄▁"
    assert plain_text(speed_lines(*run, 3)[1]) == "▇▄▁"


@given(st.integers(60, 200), st.sampled_from([view(*TRAINING), view(STARTED)]))
def test_speed_in_one_line_has_the_width_asked(cells: int, run: Shown) -> None:
    assert width(speed_summary(*run, cells)) == cells


def test_speed_in_one_line() -> None:
    shown = plain_text(speed_summary(*view(*TRAINING), 80))
    assert shown.startswith(" 9,784 words/s ▇▇▇▇▇▇▇▇▇▇▇▇  mean 9,512 ")
    assert shown.endswith(" rate 1   gradient 5.51 ")
    assert plain_text(speed_summary(*view(STARTED), 80)).strip() == "No words trained yet."
    assert text_of(speed_lines(*view(STARTED), 40)) == "No words trained yet."


# 4 Words.


def test_next_words_by_rank_with_their_moves() -> None:
    run = view(
        STARTED,
        glimpse("old", "key", "important", "<unk>", "<eos>"),
        glimpse("important", "old", "big", "<unk>", "key"),
    )
    assert text_of(word_lines(*run, 52, rows=7)) == drawn("""
        this is an …                          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %  ↑ 2
         old          ━━━━━━━━━━━━╸              10.0 %  ↓ 1
         big          ━━━━━━                      5.0 %  new
         ‹unk›        ━━━                         2.5 %    =
         key          ━╸                          1.2 %  ↓ 3
        it writes “the company said ‹unk› rose ⏎”
        """)


def test_next_words_in_ascii() -> None:
    run = view(STARTED, glimpse("old", "important", "<eos>"), glimpse("important", "old", "café"), symbols=ASCII)
    assert text_of(word_lines(*run, 52, rows=5)) == drawn(r"""
        this is an ...                        epoch 2, 46 %
         important    #########################  20.0 %  + 1
         old          ############               10.0 %  - 1
         caf\xe9      ######                      5.0 %  new
        it writes "the company said <unk> rose <eos>"
        """)


def test_the_first_glimpse_has_no_moves() -> None:
    assert text_of(word_lines(*view(STARTED, glimpse("important", "<eos>")), 52, rows=4)) == drawn("""
        this is an …                          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %
         ⏎            ━━━━━━━━━━━━╸              10.0 %
        it writes “the company said ‹unk› rose ⏎”
        """)


def test_a_context_that_was_not_watched_before_has_no_moves() -> None:
    run = view(STARTED, glimpse("a", "b", context="the company"), glimpse("b", "a"))
    assert not {"↑", "↓", "new", "="} & set(text_of(word_lines(*run, 52, rows=7)).split())


def test_a_narrow_panel_has_no_room_for_moves_and_breaks_the_line_that_is_written() -> None:
    run = view(STARTED, glimpse("a", "important"), glimpse("important", "a"))
    assert text_of(word_lines(*run, 36, rows=5)) == drawn("""
        this is an …          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━  20.0 %
         a            ━━━━━━━         10.0 %
        it writes “the company said ‹unk›
        rose ⏎”
        """)


@given(st.integers(30, 120), st.lists(st.sampled_from(["the", "漢字", "<unk>", "a" * 15]), max_size=30))
def test_a_written_line_is_broken_between_words(cells: int, generated: list[str]) -> None:
    run = view(STARTED, glimpse("a", generated=" ".join(generated)))
    rows = word_lines(*run, cells, rows=0)[2:]
    assert all(width(row) <= cells for row in rows)
    shown_line = " ".join(plain_text(row) for row in rows).split()
    assert [word.strip("“”") for word in shown_line][2:] == [
        *(word.replace("<unk>", "‹unk›") for word in generated or [""]),
        "⏎",
    ]


def two_contexts() -> Shown:
    newest = glimpse("important", "<unk>", "old")
    contexts = (*newest.contexts, *glimpse("said", "has", context="the company").contexts)
    return view(STARTED, msgspec.structs.replace(newest, contexts=contexts))


def test_contexts_stand_apart_where_there_is_room() -> None:
    assert text_of(word_lines(*two_contexts(), 52, rows=10)) == drawn("""
        this is an …                          epoch 2, 46 %
         important    ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %
         ‹unk›        ━━━━━━━━━━━━╸              10.0 %
         old          ━━━━━━                      5.0 %

        the company …
         said         ━━━━━━━━━━━━━━━━━━━━━━━━━  20.0 %
         has          ━━━━━━━━━━━━╸              10.0 %

        it writes “the company said ‹unk› rose ⏎”
        """)
    assert len(word_lines(*two_contexts(), 52, rows=9)) == 8


def test_two_contexts_side_by_side() -> None:
    run = two_contexts()
    assert text_of(word_summary(*run, 80, 4)) == "\n".join(
        [
            " this is an …                            the company …",
            "  important    ━━━━━━━━━━━━━━━━━  20.0 %  said         ━━━━━━━━━━━━━━━━━  20.0 %",
            "  ‹unk›        ━━━━━━━━╸          10.0 %  has          ━━━━━━━━╸          10.0 %",
            "  old          ━━━━                5.0 %",
        ]
    )


@given(st.integers(60, 110), st.integers(1, 12))
def test_contexts_side_by_side_fit(cells: int, rows: int) -> None:
    run = view(STARTED, glimpse("important", "<unk>", "old"))
    for shown in (word_summary(*run, cells, rows), word_summary(*view(STARTED), cells, rows)):
        assert len(shown) == rows
        assert all(width(line) <= cells for line in shown)


@given(st.integers(30, 120))
def test_ranked_words_have_the_width_asked(cells: int) -> None:
    run = view(STARTED, glimpse("old", "漢字"), glimpse("漢字", "old", "<unk>", "a" * 40))
    assert {width(row) for row in word_lines(*run, cells, rows=0)[:5]} == {cells}


def test_no_glimpse_yet() -> None:
    assert text_of(word_lines(*view(STARTED), 52, rows=7)) == "No predictions yet."
    assert text_of(word_summary(*view(STARTED), 80, 1)) == " No predictions yet."


# 5 Settings, 6 Log.


def test_settings_with_their_facts() -> None:
    shown = text_of(setting_lines(*view(STARTED, record=RECORD))).splitlines()
    assert shown[:3] == [
        "preset                     small",
        "created                    2026-11-23T11:00:00Z",
        "corpus                     Penn Treebank",
    ]
    assert "model.keep_prob            0.35" in shown
    assert "training.watched_contexts  ('this is an', \"it 's\")" in shown


def test_settings_that_are_not_the_default_are_strong() -> None:
    rows = setting_lines(*view(STARTED, record=RECORD))
    changed = [row[0].text.strip() for row in rows if any(span.role is Role.STRONG for span in row)]
    assert changed == ["corpus.source", "model.keep_prob", "training.watched_contexts"]


def test_no_settings_yet() -> None:
    assert text_of(setting_lines(*view())) == "The run has no settings yet."


def test_warnings_are_shown_once() -> None:
    full = Warned(
        message="Checkpoint last.safetensors can't be written: No space left on device.", hint="Make room."
    )
    assert text_of(log_lines(*view(*TRAINING, full), 140)).splitlines()[1:] == [f"Warning: {full.message}"]
    cut = text_of(log_lines(*view(*TRAINING, full, log=["x"]), 60)).splitlines()
    assert cut == ["x", "Warning: Checkpoint last.safetensors can't be written: No", "space left on device."]
    printed = [f"Warning: {full.message}", full.hint, "0.106 perplexity: 1094.961 speed: 3671 wps"]
    assert text_of(log_lines(*view(*TRAINING, full, log=printed), 140)).splitlines() == printed


def test_the_log_and_what_is_wrong_with_the_events() -> None:
    run = view(STARTED, log=["Epoch 1 : Learning rate: 1.000", "café"], damaged_lines=3)
    damage = "Skipped 3 lines of events.jsonl that could not be parsed."
    assert text_of(log_lines(*run, 140)) == f"{damage}\nEpoch 1 : Learning rate: 1.000\ncafé"
    assert text_of(log_lines(*run._replace(symbols=ASCII), 140)).endswith("\ncaf\\xe9")


@pytest.mark.parametrize("printed", [[], ["Epoch 1 : Learning rate: 1.000"]])
def test_the_log_ends_with_why_the_run_failed_and_what_to_do(printed: list[str]) -> None:
    failed = view(*TRAINING, DIVERGED, log=printed, condition=Condition.FAILED)
    *rows, last = log_lines(*failed, 140)
    assert last == [Span("Training diverged. Lower training.learning_rate.", Role.FAILED)]
    assert rows == log_lines(*view(*TRAINING, log=printed), 140)
    assert log_lines(*view(*TRAINING, DIVERGED, resumed(epoch=2), log=printed), 140) == rows


def test_why_a_run_failed_is_broken_between_words() -> None:
    failed = view(*TRAINING, DIVERGED, condition=Condition.FAILED)
    assert text_of(failure_lines(*failed, 30, 4)) == " Training diverged. Lower\n training.learning_rate.\n\n"
    assert text_of(failure_lines(*failed, 30, 1)) == " Training diverged. Lower"
    assert failure_lines(*view(*TRAINING), 30, 4) == []


def test_no_log_yet() -> None:
    assert text_of(log_lines(*view(STARTED), 140)).startswith("The log is empty: the trainer")


# All panels.


def every_line(run: Shown) -> list[Line]:
    options = [CurveOptions(), CurveOptions(inspected=1.0), CurveOptions(extent=Extent.LAST_TWO, log=False)]
    return [
        *header_lines(*run, 80),
        *header_lines(*run, 140),
        *(line for each in options for line in perplexity_lines(*run, each, 80, 12)),
        *epoch_lines(*run, 1),
        *speed_lines(*run, 60),
        speed_summary(*run, 80),
        *word_lines(*run, 60, 20),
        *word_summary(*run, 80, 8),
        *setting_lines(*run),
        *log_lines(*run, 140),
        *failure_lines(*run, 80, 4),
    ]


def run_that_says(text: str, condition: Condition, symbols: Symbols = UNICODE) -> Shown:
    """Return a run whose files say `text` wherever they may say anything."""
    names = [field.name for field in msgspec.structs.fields(RunFacts) if field.type is str]
    events: list[AnyEvent] = [
        msgspec.structs.replace(STARTED, run=text, preset=text, corpus=text, device=text, torch=text),
        *TRAINING[1:],
        glimpse(text, "<unk>", context=text, generated=f"{text} {text}"),
        glimpse("<unk>", text, context=text, generated=f"the {text} {text}"),
    ]
    ends: dict[Condition, list[AnyEvent]] = {
        Condition.FINISHED: [evaluated("test", 115.91), FINISHED],
        Condition.STOPPED: [SAVED_AT_WINDOW_7],
        Condition.FAILED: [msgspec.structs.replace(DIVERGED, reason=text, hint=text)],
    }
    record = RunRecord(
        preset=text,
        corpus=CorpusSettings(source=text or "ptb"),
        model=RECORD.model,
        training=TrainingSettings(watched_contexts=(text,)),
        run=msgspec.structs.replace(RECORD.run, **dict.fromkeys(names, text)),
    )
    return view(
        *events,
        *ends.get(condition, []),
        condition=condition,
        symbols=symbols,
        name=text,
        record=record,
        log=[text, f"a {text}"],
    )


def assert_harmless(lines: list[Line]) -> None:
    shown = {letter for line in lines for letter in plain_text(line)}
    assert not {letter for letter in shown if unicodedata.category(letter) in ACTS}


@pytest.mark.parametrize("symbols", [UNICODE, ASCII])
@pytest.mark.parametrize("condition", Condition)
def test_hostile_text_acts_on_no_terminal(condition: Condition, symbols: Symbols) -> None:
    run = run_that_says(HOSTILE, condition, symbols=symbols)
    lines = every_line(run)
    assert_harmless(lines)
    assert r"\x1b[31m[red]\u202egnp.exe" in text_of(lines)


@given(st.text(st.characters(categories=ACTS) | st.characters(), max_size=12))
def test_no_text_acts_on_a_terminal(text: str) -> None:
    for condition in (Condition.RUNNING, Condition.FAILED):
        assert_harmless(every_line(run_that_says(text, condition)))


@pytest.mark.parametrize("condition", Condition)
def test_a_terminal_without_utf_8_gets_ascii(condition: Condition) -> None:
    run = run_that_says("café", condition, symbols=ASCII)
    estimate = view(*estimated(TWO_EPOCHS), glimpse("<eos>", "<unk>", "café")).run.state
    lines = every_line(Shown(replace(run.run, state=estimate), ASCII))
    assert text_of([*lines, *every_line(run)]).isascii()


@pytest.mark.parametrize("condition", [Condition.RUNNING, Condition.STARTING])
@pytest.mark.parametrize("asked", [0, 31])
def test_a_run_without_events_can_be_drawn(condition: Condition, asked: int) -> None:
    assert every_line(view(condition=condition, asked_to_stop=NOW - timedelta(seconds=asked)))


def test_a_run_that_starts_over_can_be_drawn() -> None:
    run = view(STARTED, progress(1, 0.2, 500.0), resumed(epoch=1))
    assert every_line(run)
    assert text_of(speed_lines(*run, 40)) == "No words trained yet."
