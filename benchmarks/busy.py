"""Training steps and answers on a quiet machine, and beside busy processes; the textbook program's beside them.

    python -m benchmarks.busy CORPUS

The two programs take turns under each load; the limits follow. Run it on a machine where nothing else computes.
"""

import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import ours
from benchmarks.load import busy_processes
from benchmarks.pace import seconds_for
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from benchmarks.textbook_apart import TextbookApart
from ptbterm.inference.predictor import Predictor
from ptbterm.model.device import keep_freed_memory
from ptbterm.training.trainer import Trainer

LONG_CONTEXT = 200
MANY = 6
"""Busy processes beside which an answer still has to be quick."""

Times = Callable[[], float]
"""Does a task once and returns the milliseconds that it took."""


def main(
    corpus: CorpusArgument,
    preset: Annotated[str, typer.Option(help="The preset of both programs' sizes.")] = "small",
    assignments: Annotated[list[str] | None, typer.Option("--set", help="Change a setting.")] = None,
    loads: Annotated[str, typer.Option(help="Numbers of busy processes, with commas.")] = "0,1,2,6",
    times: Annotated[int, typer.Option(help="Times that each step and long context is measured.")] = 7,
    answers: Annotated[int, typer.Option(help="Times that each short answer is measured.")] = 40,
    windows: Annotated[int, typer.Option(help="Windows a time.")] = 10,
    json_file: JsonOption = None,
) -> None:
    """Print the median, and the range, of each task under each load."""
    changes = assignments or ()
    keep_freed_memory()
    with TemporaryDirectory() as folder:
        encoded = ours.read_corpus(corpus, Path(folder))
        trainer = ours.trainer(ours.settings(preset, *changes), encoded)
        predictor = Predictor(trainer.model, encoded.vocabulary)
        with TextbookApart(corpus, Path(folder), preset, changes) as textbook:
            tasks = _tasks(trainer, predictor, textbook, windows)
            repeats = {name: answers if "context" in name else times for name in tasks}
            repeats[f"new context of {LONG_CONTEXT} words"] = times
            for pair in tasks.values():
                for program in pair:
                    program()
            rows: list[list[Cell]] = []
            quiet: dict[str, float] = {}
            for load in map(int, loads.split(",")):
                with busy_processes(load):
                    rows += [_row(load, name, pair, repeats[name], quiet) for name, pair in tasks.items()]
    columns = (
        "busy processes",
        "task",
        "textbook ms",
        "range",
        "ptbterm ms",
        "range ",
        "textbook / ptbterm",
        "ptbterm / first load",
    )
    show(f"A busy machine, preset {preset}", columns, rows, json_file)
    if limits := _limits({(row[0], row[1]): row for row in rows}):
        show("Limits", ("measure", "measured", "limit", "result"), limits, None)


def _tasks(
    trainer: Trainer, predictor: Predictor, textbook: TextbookApart, windows: int
) -> dict[str, tuple[Times, Times]]:
    """Return, by name, each task of the textbook program and of ours."""
    stream, chance = ours.windows(trainer), random.Random(1)

    def new_context(words: int) -> str:
        return " ".join(predictor.vocabulary[chance.randrange(len(predictor.vocabulary))] for _ in range(words))

    kept = new_context(5)

    def read(context: str) -> float:
        started = time.perf_counter()
        predictor.predict(context, 10)
        return 1000 * (time.perf_counter() - started)

    return {
        "step": (
            lambda: 1000 * textbook.seconds_for(windows) / windows,
            lambda: 1000 * seconds_for(windows, trainer.step, stream) / windows,
        ),
        "kept context": (lambda: 1000 * textbook.seconds_to_rank(), lambda: read(kept)),
        "new context of 5 words": (
            lambda: 1000 * textbook.seconds_to_read(5),
            lambda: read(new_context(5)),
        ),
        f"new context of {LONG_CONTEXT} words": (
            lambda: 1000 * textbook.seconds_to_read(LONG_CONTEXT),
            lambda: read(new_context(LONG_CONTEXT)),
        ),
    }


def _row(load: int, name: str, pair: tuple[Times, Times], repeats: int, quiet: dict[str, float]) -> list[Cell]:
    measured = [[program() for program in pair] for _ in range(repeats)]
    theirs, own = (sorted(column) for column in zip(*measured, strict=True))
    median, own_median = statistics.median(theirs), statistics.median(own)
    quiet.setdefault(name, own_median)
    return [
        load,
        name,
        median,
        f"{theirs[0]:,.2f}-{theirs[-1]:,.2f}",
        own_median,
        f"{own[0]:,.2f}-{own[-1]:,.2f}",
        median / own_median,
        own_median / quiet[name],
    ]


def _limits(rows: dict[tuple[Cell, Cell], list[Cell]]) -> list[list[Cell]]:
    """Return each limit whose load was measured: the measure, the value, the limit, and pass or FAIL."""
    cores, limits = len(os.sched_getaffinity(0)), list[list[Cell]]()
    if step := rows.get((cores, "step")):
        beside = f"beside {cores} busy processes, one per core"
        limits.append(_limit(f"step {beside} / step beside the first load", step[7], "at most", 2.5))
        limits.append(_limit(f"words/s {beside} / the textbook program's", step[6], "at least", 1.5))
    for task, limit in (("kept context", 1.0), ("new context of 5 words", 10.0)):
        if answer := rows.get((MANY, task)):
            limits.append(_limit(f"{task} beside {MANY} busy processes, ms", answer[4], "at most", limit))
    return limits


def _limit(name: str, measured: Cell, kind: str, limit: float) -> list[Cell]:
    passes = float(measured) <= limit if kind == "at most" else float(measured) >= limit
    return [name, measured, f"{kind} {limit:g}", "pass" if passes else "FAIL"]


if __name__ == "__main__":
    typer.run(main)
