"""Runs to watch, made from a story of events."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from ptbterm.runs.catalog import create_run
from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochStarted,
    Glimpse,
    NextWord,
    WatchedContext,
)
from ptbterm.runs.journal import Journal
from ptbterm.runs.run import Run
from tests.examples import events
from tests.examples.events import EPOCH_FINISHED, PROGRESS, RECORD

BEGAN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
REPORTS = 50
SECONDS_PER_REPORT = 1.2
STARTED = replace(events.STARTED, run="small-ptb", epochs=4, windows_per_epoch=1000)
FINISHED = replace(events.FINISHED, best_epoch=4, best_valid_perplexity=115.0, training_seconds=240.0)
TEST = replace(events.EVALUATED, run="small-ptb", perplexity=112.5, bits_per_word=6.8, epoch=4)


def perplexity_at(epochs: float) -> float:
    return 100 + 600 * math.exp(-2 * epochs)


def glimpse(epoch: int, fraction: float, *words: str) -> Glimpse:
    ranked = tuple(NextWord(word, 0.2 / (rank + 1)) for rank, word in enumerate(words))
    contexts = tuple(WatchedContext(context, ranked) for context in ("this is an", "the company said"))
    return Glimpse(epoch=epoch, fraction=fraction, contexts=contexts, generated="the company said it rose N %")


def story(epochs: float, *, estimate: bool = False) -> Iterator[AnyEvent]:
    """Yield the events of a run of four epochs up to that point."""
    yield STARTED
    for report in range(round(epochs * REPORTS)):
        epoch, of_epoch = divmod(report, REPORTS)
        place = report / REPORTS
        seconds = (report + 1) * SECONDS_PER_REPORT
        if of_epoch == 0:
            yield EpochStarted(epoch=epoch + 1, learning_rate=1.0 / (epoch + 1))
        yield replace(
            PROGRESS,
            epoch=epoch + 1,
            fraction=of_epoch / REPORTS,
            window=of_epoch * 20,
            tenth=of_epoch % 5 == 0,
            perplexity=perplexity_at(place),
            estimate=estimate,
            loss=math.log(perplexity_at(place)),
            words_per_second=9190.0,
            recent_words_per_second=9000.0 + report,
            learning_rate=1.0 / (epoch + 1),
            gradient_norm=4.1,
            seconds_left=4 * REPORTS * SECONDS_PER_REPORT - seconds,
            training_seconds=seconds,
        )
        if of_epoch == REPORTS // 2:
            yield glimpse(epoch + 1, 0.5, "old", "<unk>", "issue", "N-year", "average")
        if of_epoch == REPORTS - 1:
            yield replace(
                EPOCH_FINISHED,
                epoch=epoch + 1,
                train_perplexity=perplexity_at(epoch + 1),
                estimate=estimate,
                valid_perplexity=perplexity_at(epoch + 1) + 15,
                words_per_second=9190.0,
                training_seconds=REPORTS * SECONDS_PER_REPORT,
            )
            yield CheckpointSaved(checkpoint="last.safetensors", epoch=epoch + 2, window=0)


def time_of(number: int) -> datetime:
    """Return the time of the event of that number, from 0."""
    return BEGAN + timedelta(seconds=number)


def make_run(runs: Path, story: Iterable[AnyEvent], name: str = "small-ptb") -> Run:
    """Make a run directory with these events, written a second apart."""
    run = create_run(runs, name, RECORD, "a\n")
    times = iter(range(10**6))
    journal = Journal(run.events_file, lambda _: None, now=lambda: time_of(next(times)))
    for event in story:
        journal.append(event)
    return run
