"""Runs in lists, on their own and side by side, from run directories to lines of text."""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from ptbterm.runs.catalog import create_run
from ptbterm.runs.events import AnyEvent
from ptbterm.runs.journal import Journal
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run
from ptbterm.runs.summary import RunSummary, summarize
from ptbterm.settings.schema import ModelSettings
from ptbterm.terminal.pages.comparison import comparison_page
from ptbterm.terminal.pages.runs import run_facts, run_list
from ptbterm.terminal.text.columns import columns
from tests.examples.events import RECORD
from tests.terminal.view_examples import (
    DIVERGED,
    FINISHED,
    HOSTILE,
    NOW,
    STARTED,
    TRAINING,
    epoch_finished,
    evaluated,
    progress,
)

FAST: list[AnyEvent] = [
    replace(STARTED, epochs=2),
    *(progress(1, tenth / 10, 900.0 - 70 * tenth) for tenth in range(1, 10)),
    epoch_finished(1, train=310.0, valid=180.0),
    *(progress(2, tenth / 10, 200.0 - 8 * tenth) for tenth in range(1, 10)),
    epoch_finished(2, train=130.0, valid=121.394),
    evaluated("test", 115.906),
    FINISHED,
]
SLOW: list[AnyEvent] = [
    replace(STARTED, epochs=2),
    *(progress(1, tenth / 10, 1_200.0 - 60 * tenth) for tenth in range(1, 10)),
    epoch_finished(1, train=700.0, valid=400.0),
]
WIDER = replace(RECORD, preset="medium", model=ModelSettings(keep_prob=0.5, hidden_size=650))

Made = Callable[..., RunSummary]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Make a run of these events and read it again."""

    def make(name: str, *events: AnyEvent, record: RunRecord = RECORD) -> RunSummary:
        return summarize(written(tmp_path / "runs", name, *events, record=record))

    return make


def written(runs: Path, name: str, *events: AnyEvent, record: RunRecord = RECORD) -> Run:
    run = create_run(runs, name, record, "a\n")
    journal = Journal(run.events_file, lambda _: None, now=lambda: NOW)
    for event in events:
        journal.append(event)
    return run


def with_facts(**facts: Any) -> RunRecord:
    return replace(RECORD, run=replace(RECORD.run, **facts))


def drawn(text: str) -> list[str]:
    return dedent(text).strip("\n").splitlines()


def harmless(lines: list[str]) -> bool:
    return not {unicodedata.category(letter) for line in lines for letter in line} & {"Cc", "Cf", "Zl", "Zp"}


# The list of runs.


def test_a_row_a_run(made: Made) -> None:
    summaries = [
        made("fast-ptb", *FAST),
        made("slow-ptb-2", *SLOW),
        made("mine", *TRAINING, DIVERGED, record=with_facts(corpus="letters.txt")),
        made("new"),
    ]
    assert run_list(summaries) == drawn("""
        run         state     corpus           epoch  valid   test   time
        fast-ptb    finished  Penn Treebank   2 of 2  121.4  115.9  50:00
        slow-ptb-2  lost      Penn Treebank   1 of 2  400.0          1:40
        mine        failed    letters.txt    2 of 13  203.7          2:26
        new         lost      Penn Treebank                          0:00
        """)


def test_a_run_that_trains(tmp_path: Path) -> None:
    run = written(tmp_path, "now", *SLOW)
    with as_trainer(run):
        assert run_list([summarize(run)])[1].startswith("now  running  Penn Treebank  1 of 2")


def test_no_runs_have_a_heading_still() -> None:
    assert run_list([]) == ["run  state  corpus  epoch  valid  test  time"]


@given(st.lists(st.tuples(st.text("ab c"), st.text("abc"), st.text("12.")), min_size=1, max_size=6))
def test_columns_are_aligned(rows: list[tuple[str, ...]]) -> None:
    first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
    for row, line in zip(rows, columns(rows, right=2), strict=True):
        assert line.ljust(first + second + third + 4) == "  ".join(
            [
                row[0].ljust(first),
                row[1].ljust(second),
                row[2].rjust(third),
            ]
        )


def test_wide_characters_are_aligned(made: Made) -> None:
    summaries = [
        made("one", *FAST, record=with_facts(corpus="漢字語料")),
        made("two", *FAST, record=with_facts(corpus="demo")),
    ]
    assert run_list(summaries) == drawn("""
        run  state     corpus     epoch  valid   test   time
        one  finished  漢字語料  2 of 2  121.4  115.9  50:00
        two  finished  demo      2 of 2  121.4  115.9  50:00
        """)


# One run.


def test_what_is_known_of_a_run(made: Made) -> None:
    summary = made("fast-ptb", *FAST)
    assert run_facts(summary) == [
        "run                        fast-ptb",
        "state                      finished",
        f"path                       {summary.run.path}",
        "preset                     small",
        "corpus                     Penn Treebank",
        "device                     cpu, 2 threads",
        "created                    2026-11-23T11:00:00Z",
        "epoch                      2 of 2",
        "training                   50:00",
        "test perplexity            115.906 (stream, 82,429 words)",
        "corpus.source              ptb",
        "corpus.minimum_count       1",
        "corpus.tokenizer           whitespace",
        "model.keep_prob            0.35",
        "training.watched_contexts  ('this is an', \"it 's\")",
    ]


def test_a_run_without_events_is_known_by_its_settings(made: Made) -> None:
    facts = run_facts(made("new"))
    assert "state                      lost" in facts
    assert "epoch" in facts
    assert not [fact for fact in facts if "perplexity" in fact]


# Runs side by side.


def test_two_runs_side_by_side(made: Made) -> None:
    lines = comparison_page([made("fast-ptb", *FAST), made("slow", *SLOW, record=WIDER)], 60)
    assert lines[17:] == drawn("""
                                      A       B
        run                    fast-ptb    slow
        state                  finished    lost
        best valid perplexity     121.4   400.0
        test perplexity           115.9       -
        training time             50:00    1:40
        words/s                   9,512   9,512
        preset                    small  medium
        model.hidden_size           200     650
        model.keep_prob            0.35     0.5
        """)


def test_curves_in_one_plot(made: Made) -> None:
    assert comparison_page([made("fast-ptb", *FAST), made("slow", *SLOW)], 60)[:16] == [
        "       │    ⠤⠤⡀",
        " 1,000 ┤        ⠉⠑⠂ ⢄⣀",
        "       │  ⠐⠢⢄⣀        ⠁ ⠒⠤⠄",
        "   700 ┤      ⠉⠲⠤⡀          ⠙⠒⠄ B",
        "       │         ⠈⠙⠢⢄⡀",
        "   500 ┤             ⠉⠢⢄",
        "       │                ⠑⠢⡀",
        "       │                  ⠈⠢⡀     B",
        "   300 ┤                    ⠈⠢⡀",
        "       │                      ⠈⠆",
        "       │",
        "   200 ┤                            ⢠⣀⣀",
        "       │                          A    ⠉⠉⠑⠒⠢⠤⢄⣀⡀",
        "   150 ┤                                       ⠈⠉⠑⠒⠢⠤⣀⣀",
        "       │                                               ⠉⠑⠂AA",
        "       └┬0───────────┬0.5─────────┬1──────────┬1.5─────────┬",
    ]


def test_runs_of_the_same_settings_differ_in_nothing(made: Made) -> None:
    lines = comparison_page([made("fast-ptb", *FAST), made("again", *FAST)], 60)
    assert lines[-1].split() == ["words/s", "9,512", "9,512"]


@pytest.mark.parametrize(
    ("record", "doubt"),
    [
        (with_facts(corpus_fingerprint="1" * 64), "Not comparable: the runs were trained on different texts."),
        (with_facts(vocabulary_size=5_000), "Not comparable: the vocabularies differ in size."),
        (
            replace(RECORD, training=replace(RECORD.training, evaluation="notebook")),
            "Not comparable: the runs were evaluated by different protocols.",
        ),
        (with_facts(platform="macOS-15-arm64"), "Times and speeds were measured on different machines."),
    ],
)
def test_reasons_not_to_compare_runs(made: Made, record: RunRecord, doubt: str) -> None:
    runs = [made("one", *FAST), made("two", *FAST), made("three", *FAST, record=record)]
    assert comparison_page(runs, 80)[-2:] == ["", doubt]


def test_all_doubts_are_said(made: Made) -> None:
    other = with_facts(corpus_fingerprint="1" * 64, vocabulary_size=5_000, platform="macOS-15-arm64")
    lines = comparison_page([made("one", *FAST), made("two", *FAST, record=other)], 80)
    assert len(lines[lines.index("", 17) + 1 :]) == 3


def level(perplexity: float) -> list[AnyEvent]:
    return [progress(1, tenth / 10, perplexity) for tenth in range(1, 9)]


def test_four_runs_have_four_letters_and_four_strokes(made: Made) -> None:
    runs = [
        made(f"run-{value}", replace(STARTED, epochs=1), *level(value), epoch_finished(1, value, value))
        for value in (100.0, 200.0, 400.0, 800.0)
    ]
    lines = comparison_page(runs, 80)
    assert lines[17].split() == ["A", "B", "C", "D"]
    curves = {row[-1]: row[8:].rstrip("ABCD ") for row in lines[:15] if row[-1] in "ABCD"}
    assert set(curves) == {"A", "B", "C", "D"}
    assert len({"".join(" " if letter == " " else "x" for letter in curve) for curve in curves.values()}) == 4


def test_the_axis_shows_no_more_than_the_curves(made: Made) -> None:
    lines = comparison_page([made(name, replace(STARTED, epochs=1), *level(500.0)) for name in ("one", "two")], 60)
    labels = [float(label) for line in lines[:15] if (label := line[:6].strip())]
    assert min(labels) > 400


def test_runs_without_events_can_be_compared(made: Made) -> None:
    lines = comparison_page([made("one"), made("two")], 60)
    assert "state                  lost  lost" in lines
    assert "best valid perplexity     -     -" in lines
    assert "words/s                   -     -" in lines


@pytest.mark.parametrize("cells", [40, 80, 140])
def test_the_plot_is_no_wider_than_asked(made: Made, cells: int) -> None:
    lines = comparison_page([made("fast-ptb", *FAST), made("slow", *SLOW)], cells)
    assert max(map(cell_len, lines[:16])) == cells


def test_a_plot_in_ascii(made: Made) -> None:
    record = replace(RECORD, corpus=replace(RECORD.corpus, source="/texts/café.txt"))
    lines = comparison_page([made("fast-ptb", *FAST), made("slow", *SLOW, record=record)], 60, ascii_only=True)
    assert all(line.isascii() for line in lines[:16])
    assert "*" in "".join(lines[:16])
    assert lines[-1].split() == ["corpus.source", "ptb", "/texts/café.txt"]


def test_hostile_text_acts_on_no_terminal(tmp_path: Path) -> None:
    record = replace(
        with_facts(corpus=HOSTILE, created=HOSTILE, device=HOSTILE),
        preset=HOSTILE,
        corpus=replace(RECORD.corpus, source=HOSTILE),
        training=replace(RECORD.training, watched_contexts=(HOSTILE,)),
    )
    run = written(tmp_path / "runs", "mine", *TRAINING, record=record)
    renamed = Run(run.path.rename(run.path.with_name("\x1b[31m[red]\u202egnp.exe")))
    hostile, other = summarize(renamed), summarize(written(tmp_path / "runs", "other", *FAST))
    for lines in (run_list([hostile, other]), run_facts(hostile), comparison_page([other, hostile], 80)):
        assert harmless(lines)
        assert any(r"\x1b[31m[red]\u202egnp.exe" in line for line in lines)
