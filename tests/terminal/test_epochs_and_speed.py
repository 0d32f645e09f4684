"""Panels 2 and 3: the epochs, and the speed."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.runs.machine import Machine
from ptbterm.terminal.screens.dashboard.epochs import epoch_lines
from ptbterm.terminal.screens.dashboard.speed import speed_lines, speed_summary
from ptbterm.terminal.text.lines import plain_text, width
from ptbterm.terminal.text.symbols import ASCII
from tests.examples.events import RECORD
from tests.terminal.panel_examples import TWO_EPOCHS, assert_harmless, drawn, text_of
from tests.terminal.view_examples import (
    FIRST_EPOCH,
    HOSTILE,
    STARTED,
    TRAINING,
    Shown,
    progress,
    resumed,
    view,
)

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


def test_an_epoch_that_was_taken_back_starts_over() -> None:
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


def test_the_gpu_is_shown_where_there_is_one() -> None:
    machine = Machine(100.0, 2**30, 2**40, gpu="gpu 93 %, 1024 MiB")
    assert plain_text(speed_lines(*view(*TRAINING, machine=machine), 40)[-1]) == "gpu 93 %, 1024 MiB"


def test_a_hostile_driver_acts_on_no_terminal() -> None:
    assert_harmless(speed_lines(*view(*TRAINING, machine=Machine(100.0, 2**30, 2**40, gpu=HOSTILE)), 60))


def test_the_speed_is_drawn_over_the_last_reports() -> None:
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
