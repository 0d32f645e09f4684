"""A run in its second epoch, as the dashboard looks at it at noon, for the tests of this room."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from msgspec.structs import replace

from ptbterm.runs.condition import Condition
from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochFinished,
    EpochStarted,
    Evaluated,
    Glimpse,
    NextWord,
    Progress,
    RunResumed,
    RunStopped,
    WatchedContext,
)
from ptbterm.runs.state import fold
from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.text.symbols import UNICODE, Symbols
from tests.examples import events
from tests.examples.events import EPOCH_FINISHED, EVALUATED, NAME, PROGRESS

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTILE = "\x1b[31m[red]\u202egnp.exe\u200f\u2066\x07\x9b2J\r\n\u00ad"
"""What must never reach a terminal as it is, and markup that must not act."""


def before(seconds: float) -> str:
    """Return the time that long before noon in the format of events."""
    return (NOW - timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def progress(
    epoch: int, fraction: float, perplexity: float, *, estimate: bool = False, seconds_ago: float = 1.0
) -> Progress:
    return replace(
        PROGRESS,
        time=before(seconds_ago),
        epoch=epoch,
        fraction=fraction,
        window=round(1549 * fraction),
        perplexity=perplexity,
        estimate=estimate,
        loss=4.812,
        words_per_second=9_512.4,
        recent_words_per_second=9_600 + 400 * fraction,
        gradient_norm=5.512,
        training_seconds=100.0 * (epoch - 1 + fraction),
    )


def epoch_finished(epoch: int, train: float, valid: float, *, estimate: bool = False) -> EpochFinished:
    return replace(
        EPOCH_FINISHED,
        time=before(30.0),
        epoch=epoch,
        train_perplexity=train,
        estimate=estimate,
        valid_perplexity=valid,
        words_per_second=9_498.0,
        training_seconds=100.0,
    )


def resumed(epoch: int) -> RunResumed:
    """Return that the run resumes from its checkpoint at the beginning of an epoch."""
    return RunResumed(time=before(0.0), run=NAME, epoch=epoch, window=0, changed={})


def glimpse(*words: str, context: str = "this is an", generated: str = "the company said <unk> rose") -> Glimpse:
    """Return a glimpse of one context whose next words are these, each half as probable as the one before."""
    ranked = tuple(NextWord(word, 0.2 / 2**rank) for rank, word in enumerate(words))
    return Glimpse(
        time=before(2.0),
        epoch=2,
        fraction=0.46,
        contexts=(WatchedContext(context, ranked),),
        generated=generated,
    )


def evaluated(split: str, perplexity: float, floor: float | None = None) -> Evaluated:
    return replace(EVALUATED, time=before(1.0), split=split, perplexity=perplexity, floor_perplexity=floor)


STARTED = replace(events.STARTED, time=before(3_600.0))
FIRST_EPOCH: list[AnyEvent] = [
    STARTED,
    EpochStarted(time=before(3_600.0), epoch=1, learning_rate=1.0),
    *(progress(1, tenth / 10, 1_200 - 80 * tenth, seconds_ago=3_000 - tenth) for tenth in range(1, 11)),
    epoch_finished(1, train=336.14, valid=203.67),
    CheckpointSaved(time=before(200.0), checkpoint="last.safetensors", epoch=2, window=0),
]
SECOND_EPOCH: list[AnyEvent] = [
    EpochStarted(time=before(25.0), epoch=2, learning_rate=1.0),
    progress(2, 0.36, 162.3, seconds_ago=11.0),
    progress(2, 0.46, 154.21),
]
TRAINING = [*FIRST_EPOCH, *SECOND_EPOCH]
SAVED_AT_WINDOW_7 = RunStopped(
    time=before(1.0), epoch=2, window=7, training_seconds=146.0, checkpoint="last.safetensors"
)
FINISHED = replace(events.FINISHED, time=before(1.0))
DIVERGED = replace(events.FAILED, time=before(1.0))


class Shown(NamedTuple):
    """What every panel draws: a run, and the symbols of the terminal."""

    run: RunSnapshot
    symbols: Symbols


def view(
    *story: AnyEvent, condition: Condition = Condition.RUNNING, symbols: Symbols = UNICODE, **others: Any
) -> Shown:
    """Return a run after these events, as of noon."""
    fields: dict[str, Any] = {"name": NAME, "now": NOW, **others}
    fields["log"] = tuple(fields.get("log", ()))
    return Shown(RunSnapshot(state=fold(story), condition=condition, **fields), symbols)


def estimated(story: list[AnyEvent]) -> list[AnyEvent]:
    """Return the events as a sampled softmax makes them: their train perplexities are estimates."""
    return [
        replace(event, estimate=True) if isinstance(event, Progress | EpochFinished) else event for event in story
    ]
