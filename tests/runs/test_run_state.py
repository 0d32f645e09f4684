"""What is known of a run, folded from its events."""

import pytest
from run_examples import EVALUATED, FAILED, FINISHED, RESUMED, STARTED, STOPPED, epoch_finished, progress

from ptbterm.runs.events import AnyEvent, EpochStarted
from ptbterm.runs.state import RunState, fold

EPOCH_STARTED = EpochStarted(epoch=1, learning_rate=1.0)


def test_nothing_has_happened() -> None:
    assert fold([]) == RunState(training_seconds=0.0, finished_epochs_seconds=0.0, end=None)


def test_seconds_in_all_and_in_the_current_epoch() -> None:
    state = fold([STARTED, EPOCH_STARTED, progress(10.0), progress(20.0)])
    assert (state.training_seconds, state.epoch_seconds) == (20.0, 20.0)
    state = state.apply(EVALUATED).apply(epoch_finished(1, 25.0))
    assert (state.training_seconds, state.epoch_seconds) == (25.0, 0.0)
    state = state.apply(progress(31.0, epoch=2))
    assert (state.training_seconds, state.epoch_seconds) == (31.0, 6.0)
    state = state.apply(epoch_finished(2, 26.0))
    assert (state.training_seconds, state.epoch_seconds) == (51.0, 0.0)


def test_a_stop_says_the_seconds_so_far() -> None:
    state = fold([STARTED, EPOCH_STARTED, epoch_finished(1, 260.0), STOPPED])
    assert (state.training_seconds, state.epoch_seconds) == (270.0, 10.0)


@pytest.mark.parametrize("end", [FINISHED, STOPPED, FAILED])
def test_how_it_ended_until_it_goes_on(end: AnyEvent) -> None:
    state = fold([STARTED, progress(20.0), end])
    assert state.end == end
    assert state.apply(RESUMED).end is None
    assert state.apply(EPOCH_STARTED).end is None
