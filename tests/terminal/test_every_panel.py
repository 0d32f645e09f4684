"""All panels: whatever a run holds, they can be drawn and are harmless."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.runs.condition import Condition
from ptbterm.runs.events import AnyEvent
from ptbterm.runs.record import RunFacts, RunRecord
from ptbterm.settings.schema import CorpusSettings, TrainingSettings
from ptbterm.terminal.screens.dashboard.epochs import epoch_lines
from ptbterm.terminal.screens.dashboard.header import header_lines
from ptbterm.terminal.screens.dashboard.log import failure_lines, log_lines
from ptbterm.terminal.screens.dashboard.perplexity import (
    CurveOptions,
    Extent,
    perplexity_lines,
)
from ptbterm.terminal.screens.dashboard.settings import setting_lines
from ptbterm.terminal.screens.dashboard.speed import speed_lines, speed_summary
from ptbterm.terminal.screens.dashboard.words import word_lines, word_summary
from ptbterm.terminal.text.lines import Line
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.examples.events import RECORD
from tests.terminal.panel_examples import ACTS, TWO_EPOCHS, assert_harmless, text_of
from tests.terminal.view_examples import (
    DIVERGED,
    FINISHED,
    HOSTILE,
    NOW,
    SAVED_AT_WINDOW_7,
    STARTED,
    TRAINING,
    Shown,
    estimated,
    evaluated,
    glimpse,
    progress,
    resumed,
    view,
)


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
