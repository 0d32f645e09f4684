"""Progress is due some 200 times an epoch; the notebook prints after step i where i % (windows // 10) == 10."""

from pathlib import Path

import pytest

from ptbterm.runs.events import (
    CheckpointSaved,
    EpochFinished,
    EpochStarted,
    Evaluated,
    Glimpse,
    Progress,
    RunFinished,
    RunStarted,
)
from ptbterm.training.progress import ProgressMeter
from ptbterm.training.stopwatch import Stopwatch
from tests.training.tiny_runs import events_of, progress_of, tiny_corpus, trained

NOTEBOOK_FRACTIONS = ["0.006", "0.106", "0.205", "0.305", "0.404", "0.504", "0.603", "0.702", "0.802", "0.901"]


def test_the_notebooks_1549_windows() -> None:
    meter = ProgressMeter(1549, Stopwatch(lambda: 0.0))
    due = [step for step in range(1549) if meter.is_due(step + 1)]
    tenths = [step for step in range(1549) if meter.is_tenth(step + 1)]
    assert tenths == [10 + 154 * n for n in range(10)]
    assert [f"{step / 1549:.3f}" for step in tenths] == NOTEBOOK_FRACTIONS
    assert due == sorted({*range(0, 1549, 7), *tenths})


@pytest.mark.parametrize(
    ("windows", "tenths"),
    [
        (1, [0]),
        (7, [0, 1, 2, 3, 4, 5, 6]),
        (25, list(range(0, 25, 2))),
        (114, list(range(10, 114, 11))),
    ],
)
def test_few_windows(tmp_path: Path, windows: int, tenths: list[int]) -> None:
    words, settings = 3 * (4 * windows + 1), ("training.epochs=1", "model.hidden_size=1")
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=-(-words // 6))
    run = trained(tmp_path / "runs", "first", corpus, *settings)
    (started,) = (event for event in events_of(run) if isinstance(event, RunStarted))
    assert started.windows_per_epoch == windows
    assert [event.window for event in progress_of(run)] == list(range(windows))
    assert [event.window for event in progress_of(run) if event.tenth] == tenths
    assert [event.fraction for event in progress_of(run)] == [step / windows for step in range(windows)]


def test_what_happens_in_a_run(tmp_path: Path) -> None:
    corpus = tiny_corpus(tmp_path / "corpus", train_sentences=5)
    run = trained(tmp_path / "runs", "first", corpus, "training.learning_rate=0.1")
    epoch = [EpochStarted, *[Progress, Glimpse] * 2, Evaluated, EpochFinished, CheckpointSaved, CheckpointSaved]
    kinds = [type(event) for event in events_of(run)]
    assert kinds == [RunStarted, *epoch, *epoch, Evaluated, RunFinished]
    evaluated = [event for event in events_of(run) if isinstance(event, Evaluated)]
    assert [(event.split, event.epoch) for event in evaluated] == [("valid", 1), ("valid", 2), ("test", 2)]
    assert {event.words for event in evaluated} == {8 * 6 - 1}
