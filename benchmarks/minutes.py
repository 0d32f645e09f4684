"""Perplexity by minutes of training, beside the pace of the textbook program in the same hour."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import ours
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from benchmarks.textbook_apart import TextbookApart
from ptbterm.corpus.encoded import EncodedCorpus
from ptbterm.corpus.windows import count_windows
from ptbterm.runs.events import AnyEvent, EpochFinished, Evaluated, RunFinished
from ptbterm.training import session
from ptbterm.training.new_run import new_run

SMALL_EPOCHS, SMALL_TEST_PERPLEXITY = 13, 115.9
"""TensorFlow's tutorial, small, as published."""

ABLATIONS = {
    "sampled softmax": ("training.sampled_words=0",),
    "unigram bias": ("model.output_bias=zeros",),
    "tied weights": ("model.tied=false",),
    "residual": ("model.residual=false",),
    "embedding scale": ("model.embedding_scale=1",),
    "full softmax at the end": ("training.full_softmax=0",),
    "cosine": ("training.schedule=decay", "training.full_rate_epochs=100"),
    "dropout": ("model.keep_prob=1",),
    "one mask a window": ("model.dropout_mask=step",),
}
"""An ingredient of the recipe -> the settings that take it out."""


def main(
    corpus: CorpusArgument,
    minutes: Annotated[list[float] | None, typer.Option(help="Budgets to train for; repeatable.")] = None,
    preset: Annotated[str, typer.Option(help="The recipe.")] = "fast",
    assignments: Annotated[list[str] | None, typer.Option("--set", help="Change a setting.")] = None,
    ablation: Annotated[bool, typer.Option(help="Take out each ingredient once as well.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Train for each budget, and say how many times sooner the textbook's 13 epochs of `small` were passed."""
    changes = tuple(assignments or ())
    with TemporaryDirectory() as folder, TextbookApart(corpus, Path(folder), "small") as textbook:
        encoded = ours.read_corpus(corpus, Path(folder))
        rows = []
        for budget in minutes or [1.0]:
            changed = (*changes, f"training.minutes={budget}")
            rows.append(_train("the recipe", preset, changed, encoded, textbook, Path(folder)))
            if ablation:
                whole = (*changes, f"training.windows={rows[-1][2]}")
                for name, taken_out in ABLATIONS.items():
                    less = (*whole, *taken_out)
                    if ours.settings(preset, *less).settings != ours.settings(preset, *whole).settings:
                        rows.append(_train(f"without {name}", preset, less, encoded, textbook, Path(folder)))
    columns = (
        "recipe",
        "seed",
        "windows",
        "training seconds",
        "valid perplexity",
        "test perplexity",
        "textbook's 13 epochs, seconds",
        "times sooner",
    )
    title = f"Perplexity by minutes (times sooner: where the test perplexity is {SMALL_TEST_PERPLEXITY} or lower)"
    show(title, columns, rows, json_file)


def _train(
    name: str,
    preset: str,
    changes: tuple[str, ...],
    corpus: EncodedCorpus,
    textbook: TextbookApart,
    runs: Path,
) -> list[Cell]:
    pace_before = _seconds_for_small(textbook, corpus)
    events: list[AnyEvent] = []
    resolved = ours.settings(preset, *changes)
    run = new_run(runs, f"run-{time.time_ns()}", resolved, corpus)
    session.resume(run, [], corpus, events.append, lambda: False)
    (test,) = [event for event in events if isinstance(event, Evaluated) and event.split == "test"]
    (finished,) = [event for event in events if isinstance(event, RunFinished)]
    (best,) = [
        event.valid_perplexity
        for event in events
        if isinstance(event, EpochFinished) and event.epoch == finished.best_epoch
    ]
    windows = run.read_record().training.windows
    textbooks = (pace_before + _seconds_for_small(textbook, corpus)) / 2
    passed = test.perplexity <= SMALL_TEST_PERPLEXITY
    sooner = textbooks / finished.training_seconds if passed else "-"
    seconds = finished.training_seconds
    return [name, resolved.settings.training.seed, windows, seconds, best, test.perplexity, textbooks, sooner]


def _seconds_for_small(textbook: TextbookApart, corpus: EncodedCorpus, windows: int = 100) -> float:
    """Return how long 13 epochs of `small` take the textbook program, from its pace now."""
    small = ours.settings("small").settings.training
    windows_an_epoch = count_windows(len(corpus.ids["train"]), small.batch_size, small.num_steps)
    textbook.seconds_for(10)
    return textbook.seconds_for(windows) / windows * windows_an_epoch * SMALL_EPOCHS


if __name__ == "__main__":
    typer.run(main)
