"""The header of the dashboard."""

from datetime import timedelta

import msgspec
import pytest

from ptbterm.runs.condition import Condition
from ptbterm.runs.events import AnyEvent
from ptbterm.terminal.screens.dashboard.header import header_lines, may_kill, status
from ptbterm.terminal.text.lines import plain_text, width
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.examples.events import NAME, RECORD
from tests.terminal.panel_examples import ends, text_of
from tests.terminal.view_examples import (
    DIVERGED,
    FINISHED,
    NOW,
    SAVED_AT_WINDOW_7,
    STARTED,
    TRAINING,
    Shown,
    evaluated,
    progress,
    view,
)

BOTH_WIDTHS = pytest.mark.parametrize("cells", [80, 140])


def later(seconds: float, *events: AnyEvent) -> Shown:
    return view(*events, now=NOW + timedelta(seconds=seconds))


def asked_to_stop(seconds_ago: float, *events: AnyEvent) -> Shown:
    return view(*events, asked_to_stop=NOW - timedelta(seconds=seconds_ago))


def finished(*events: AnyEvent) -> Shown:
    return view(*TRAINING, *events, FINISHED, condition=Condition.FINISHED)


STATES: dict[str, tuple[Shown, str, str]] = {
    "starting": (view(condition=Condition.STARTING), "◌ starting", "The trainer is starting…"),
    "no words yet": (view(STARTED), "● running", "Training the first words…"),
    "running": (view(*TRAINING), "● running", "5 % 49:59 left, "),
    "silent": (later(59, *TRAINING), "● running", "5 % no events for 60 s"),
    "stopping": (
        asked_to_stop(4, *TRAINING),
        "◌ stopping",
        "It will stop after the current window. Asked 4 s ago.",
    ),
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
    "unknown": (
        view(*TRAINING, condition=Condition.UNKNOWN),
        "? unknown",
        "It is unknown whether it trains: its file system has no locks.",
    ),
    "gone": (
        view(*TRAINING, FINISHED, condition=Condition.GONE),
        "? gone",
        "The folder of this run was deleted or renamed.",
    ),
    "never begun": (view(condition=Condition.LOST), "? lost", "The trainer never started.  r resumes"),
}


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
    assert len(shown) == len({text.split()[0] + text.split()[1] for text in shown}) == 9


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
