"""What is known of a run, folded from its events."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.runs.curve import MAX_POINTS, CurvePoint, thinned
from ptbterm.runs.events import AnyEvent, EpochStarted, Progress, Warned
from ptbterm.runs.state import MAX_WARNINGS, RunState, StateFold, fold
from tests.examples.events import (
    EVALUATED,
    EVENTS,
    FAILED,
    FINISHED,
    RESUMED,
    STARTED,
    STOPPED,
    epoch_finished,
    progress,
)

EPOCH_STARTED = EpochStarted(epoch=1, learning_rate=1.0)


def at(epoch: int, fraction: float, perplexity: float = 100.0) -> Progress:
    return msgspec.structs.replace(progress(1.0, epoch), fraction=fraction, perplexity=perplexity)


def test_nothing_has_happened() -> None:
    assert fold([]) == RunState()
    assert (fold([]).training_seconds, fold([]).end, fold([]).best) == (0.0, None, None)


def test_seconds_in_all_and_in_the_current_epoch() -> None:
    state = fold([STARTED, EPOCH_STARTED, progress(10.0), progress(20.0)])
    assert (state.training_seconds, state.epoch_seconds, state.usual_pause) == (20.0, 20.0, 10.0)
    state = fold([EVALUATED, epoch_finished(1, 25.0)], state)
    assert (state.training_seconds, state.epoch_seconds) == (25.0, 0.0)
    state = fold([progress(31.0, epoch=2)], state)
    assert (state.training_seconds, state.epoch_seconds) == (31.0, 6.0)
    state = fold([epoch_finished(2, 26.0)], state)
    assert (state.training_seconds, state.epoch_seconds) == (51.0, 0.0)


def test_a_stop_says_the_seconds_so_far() -> None:
    state = fold([STARTED, EPOCH_STARTED, epoch_finished(1, 260.0), STOPPED, RESUMED])
    assert (state.training_seconds, state.epoch_seconds) == (270.0, 10.0)


@pytest.mark.parametrize("end", [FINISHED, STOPPED, FAILED])
@pytest.mark.parametrize("resumed", [RESUMED, EPOCH_STARTED])
def test_the_end_of_a_run_until_it_is_resumed(end: AnyEvent, resumed: AnyEvent) -> None:
    state = fold([STARTED, progress(20.0), end])
    assert state.end == end
    assert fold([resumed], state).end is None


def test_a_state_stays_as_it_is_while_events_are_added() -> None:
    folded = StateFold(fold([STARTED, at(1, 0.5, 200.0)]))
    before = folded.state
    kept = repr(before)
    for event in EVENTS:
        folded.apply(event)
    assert folded.state != before
    assert repr(before) == kept


def test_newest_of_each_kind() -> None:
    state = fold(EVENTS)
    assert state.started == STARTED
    assert state.evaluated == {"test": EVALUATED}
    assert state.best is not None
    assert state.glimpse is not None
    assert state.saved is not None
    assert (state.epoch, state.total_epochs) == (1, 20)  # resumed with training.epochs = 20


def test_the_newest_warnings_are_kept() -> None:
    warnings: list[AnyEvent] = [Warned(message=str(number), hint="") for number in range(MAX_WARNINGS + 3)]
    assert fold([STARTED, *warnings, EVALUATED]).warnings == tuple(warnings[3:])


def test_best_is_the_lowest_valid_perplexity() -> None:
    worse = msgspec.structs.replace(epoch_finished(2, 1.0), valid_perplexity=300.0)
    assert fold([STARTED, epoch_finished(1, 1.0), worse]).best == epoch_finished(1, 1.0)


def test_curve_by_place_in_epochs() -> None:
    state = fold([STARTED, at(1, 0.5, 200.0), at(2, 0.25, 100.0)])
    assert [(point.epochs, point.perplexity) for point in state.curve] == [(0.5, 200.0), (1.25, 100.0)]


def test_resume_drops_everything_after_the_checkpoint() -> None:
    """Killed in epoch 3, the run resumes from window 7 of epoch 2."""
    first: list[AnyEvent] = [at(1, 0.5), epoch_finished(1, 10.0), at(2, 0.001)]
    lost: list[AnyEvent] = [at(2, 0.9), epoch_finished(2, 10.0), at(3, 0.1)]
    state = fold([STARTED, *first, *lost, RESUMED])
    assert [point.epochs for point in state.curve] == [0.5, 1.001]
    assert list(state.epochs) == [1]
    assert (state.progress, state.training_seconds, state.epoch_seconds) == (None, 10.0, 0.0)


def test_windows_set_on_resume_decide_the_number_of_epochs() -> None:
    resumed = msgspec.structs.replace(RESUMED, changed={"training.windows": 3 * STARTED.windows_per_epoch + 1})
    assert fold([STARTED, resumed]).total_epochs == 4


def test_memory_is_bounded_and_the_ends_of_the_curve_are_kept() -> None:
    folded = StateFold()
    for number in range(3 * MAX_POINTS):
        folded.apply(at(1, number / (3 * MAX_POINTS), 1000.0 - number % 7))
        assert len(folded.state.curve) <= MAX_POINTS
    state = folded.state
    assert state.curve[0].epochs == 0.0
    assert state.curve[-1].epochs == (3 * MAX_POINTS - 1) / (3 * MAX_POINTS)


@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=60))
def test_thinning_keeps_order_ends_and_extremes(perplexities: list[float]) -> None:
    points = [
        CurvePoint(float(number), 1, perplexity, estimate=False, words_per_second=1.0, learning_rate=1.0)
        for number, perplexity in enumerate(perplexities)
    ]
    kept = thinned(points)
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert {min(perplexities), max(perplexities)} <= {point.perplexity for point in kept}
    assert len(kept) <= len(points) // 2 + 4
