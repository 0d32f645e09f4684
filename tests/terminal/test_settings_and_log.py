"""Panels 5 and 6: the settings, and the log."""

import pytest

from ptbterm.runs.condition import Condition
from ptbterm.runs.events import Warned
from ptbterm.terminal.screens.dashboard.log import failure_lines, log_lines
from ptbterm.terminal.screens.dashboard.settings import setting_lines
from ptbterm.terminal.text.lines import Role, Span
from ptbterm.terminal.text.symbols import ASCII
from tests.examples.events import RECORD
from tests.terminal.panel_examples import text_of
from tests.terminal.view_examples import (
    DIVERGED,
    STARTED,
    TRAINING,
    resumed,
    view,
)

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
    decided = ["corpus.source", "corpus.minimum_count", "corpus.tokenizer"]
    assert changed == [*decided, "model.keep_prob", "training.watched_contexts"]


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
