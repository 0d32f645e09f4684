"""Words a second of the real step, alternated with those of the textbook program, and where the time goes."""

import statistics
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
import typer
from torch.profiler import ProfilerActivity, profile

from benchmarks import ours
from benchmarks.pace import seconds_for
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from benchmarks.textbook_apart import TextbookApart
from ptbterm.model import products
from ptbterm.model.device import keep_freed_memory
from ptbterm.training.trainer import Trainer


def main(
    corpus: CorpusArgument,
    preset: Annotated[list[str], typer.Option(help="Presets to measure; repeatable.")] = ["notebook", "small"],  # noqa: B006
    assignments: Annotated[list[str] | None, typer.Option("--set", help="Change a setting.")] = None,
    pairs: Annotated[int, typer.Option(help="Times that both programs are measured, in turn.")] = 9,
    windows: Annotated[int, typer.Option(help="Windows a time.")] = 40,
    threads: Annotated[int, typer.Option(help="CPU threads; 0: as torch chooses.")] = 0,
    json_file: JsonOption = None,
) -> None:
    """Compare the step with the textbook's, and with the matrix products that it can't do without.

    The profile of each preset goes into a JSON file of its own, beside the other.
    """
    if threads:
        torch.set_num_threads(threads)
    changes = assignments or ()
    keep_freed_memory()
    with TemporaryDirectory() as folder:
        encoded = ours.read_corpus(corpus, Path(folder))
        rows = []
        for name in preset:
            trainer = ours.trainer(ours.settings(name, *changes), encoded)
            with TextbookApart(corpus, Path(folder), name, changes) as textbook:
                rows.append(_compare(name, trainer, textbook, pairs, windows))
            profile_file = json_file.with_stem(f"{json_file.stem}-{name}") if json_file else None
            _show_profile(name, trainer, profile_file)
    columns = (
        "preset",
        "textbook words/s",
        "ptbterm words/s",
        "ratio (median)",
        "ratio (lowest)",
        "ratio (highest)",
        "GFLOP per step",
        "GEMM GFLOP/s",
        "share of the GEMM rate",
        "its products alone",
    )
    show("Training steps", columns, rows, json_file)


def _compare(name: str, trainer: Trainer, textbook: TextbookApart, pairs: int, count: int) -> list[Cell]:
    words = trainer.settings.batch_size * trainer.settings.num_steps
    stream = ours.windows(trainer)
    programs = (textbook.seconds_for, partial(seconds_for, step=trainer.step, windows=stream))
    for program in programs:
        program(10)
    times = [[program(count) for program in programs] for _ in range(pairs)]
    theirs, own = (statistics.median(column) / count for column in zip(*times, strict=True))
    ratios = [one / other for one, other in times]
    flops, rate = gemm_flops(trainer), gemm_rate()
    return [
        name,
        round(words / theirs),
        round(words / own),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        flops / 1e9,
        rate / 1e9,
        flops / own / rate,
        flops / products_seconds(trainer) / rate,
    ]


def gemm_flops(trainer: Trainer) -> int:
    """Return the operations of a step's matrix products: forward, and twice as many backward."""
    hidden, layers = trainer.model.settings.hidden_size, trainer.model.settings.num_layers
    words = trainer.settings.batch_size * trainer.settings.num_steps
    a_word = layers * 2 * (2 * hidden) * (4 * hidden) + 2 * hidden * _words_scored(trainer)
    return 3 * words * a_word


def gemm_rate(size: int = 2000, times: int = 10) -> float:
    """Return the operations a second of the best of some products of square matrices, by the library we use."""
    return 2 * size**3 / min(_product_seconds(size, size, size, times))


def products_seconds(trainer: Trainer, times: int = 20) -> float:
    """Return the seconds of a step's matrix products alone, each at its own shape, as if all else were free."""
    hidden, layers = trainer.model.settings.hidden_size, trainer.model.settings.num_layers
    batch, steps = trainer.settings.batch_size, trainer.settings.num_steps
    words, gates, scored = batch * steps, 4 * hidden, _words_scored(trainer)
    shapes = [
        ((words, hidden, gates), layers),
        ((batch, hidden, gates), layers * steps),
        ((batch, gates, hidden), layers * (steps - 1)),
        ((hidden, words, gates), layers * 2),
        ((words, gates, hidden), layers),
        ((words, hidden, scored), 1),
        ((words, scored, hidden), 1),
        ((hidden, words, scored), 1),
    ]
    return sum(count * statistics.median(_product_seconds(*shape, times)) for shape, count in shapes)


def _words_scored(trainer: Trainer) -> int:
    return trainer.settings.sampled_words or trainer.model.vocabulary_size


def _product_seconds(rows: int, inner: int, columns: int, times: int) -> list[float]:
    left, right = torch.rand(rows, inner), torch.rand(inner, columns)
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        products.product(left, right)
        seconds.append(time.perf_counter() - started)
    return seconds


def _show_profile(name: str, trainer: Trainer, json_file: Path | None, count: int = 20) -> None:
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        seconds_for(count, trainer.step, ours.windows(trainer))
    events = sorted(profiler.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    rows: list[list[Cell]] = [
        [
            event.key,
            event.count // count,
            event.self_cpu_time_total / count / 1e3,
            event.self_cpu_time_total / total,
        ]
        for event in events[:14]
    ]
    show(f"Where a step of {name} goes", ("operation", "calls per step", "ms per step", "share"), rows, json_file)


if __name__ == "__main__":
    typer.run(main)
