"""Words a second of the real step and of two plain programs, the products' share, and peak memory."""

import gc
import statistics
from collections.abc import Callable

import torch

from benchmarks import ours
from benchmarks.cuda.bench import Bench, by_calls
from benchmarks.cuda.report import Cell, Report
from benchmarks.pace import Step, seconds_for
from benchmarks.steps import gemm_flops
from ptbterm.model.device import use_precision
from ptbterm.training.trainer import Trainer

ROUNDS = 3
PRECISIONS = {"highest": "float32", "high": "TF32"}
"""`training.matmul_precision`, and what it is on CUDA, where `medium` is TF32 as well: the rates show it."""


def steps(bench: Bench, report: Report, presets: tuple[str, ...]) -> None:
    """Time the four programs in turn, and say which share of the device's own GEMM rate our step reaches."""
    rate = gemm_rate(bench, "highest")
    columns = (
        "preset",
        "textbook words/s",
        "same settings words/s",
        "ptbterm without the graph, words/s",
        "ptbterm words/s",
        "ptbterm / textbook",
        "with / without the graph",
        "ms per step",
        "GFLOP per step",
        f"share of {rate / 1e12:.1f} TFLOP/s",
    )
    with report.table(f"Training steps in float32, TF32 off; medians of {ROUNDS} rounds", columns) as rows:
        for preset in presets:
            trainer, called = bench.trainer(preset), bench.trainer(preset)
            programs = [
                bench.textbook(preset).step,
                bench.same_settings(preset).step,
                by_calls(called),
                trainer.step,
            ]
            seconds = medians(bench, trainer, programs)
            words = trainer.settings.batch_size * trainer.settings.num_steps
            flops = gemm_flops(trainer)
            rows.append(
                [
                    preset,
                    *(round(words / one) for one in seconds),
                    seconds[0] / seconds[3],
                    seconds[2] / seconds[3],
                    seconds[3] * 1e3,
                    flops / 1e9,
                    f"{flops / seconds[3] / rate:.1%}",
                ]
            )
            del trainer, called, programs


def medians(bench: Bench, trainer: Trainer, programs: list[Step]) -> list[float]:
    """Return the median seconds of one window of each program, measured in turn."""
    pairs = [(program, ours.windows(trainer)) for program in programs]
    counts = [bench.count_for(*pair) for pair in pairs]
    rounds = [
        [seconds_for(count, *pair) / count for count, pair in zip(counts, pairs, strict=True)]
        for _ in range(ROUNDS)
    ]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def precisions(bench: Bench, report: Report, presets: tuple[str, ...]) -> None:
    """Time our step and the textbook's with products in float32 and TF32."""
    columns = ("preset", "matmul_precision", "textbook words/s", "ptbterm words/s", "ratio")
    with report.table("Training steps by the precision of products", columns) as rows:
        for preset in presets:
            for precision, name in PRECISIONS.items():
                trainer, textbook = (
                    bench.trainer(preset, f"training.matmul_precision={precision}"),
                    bench.textbook(preset),
                )
                own, theirs = medians(bench, trainer, [trainer.step, textbook.step])
                words = trainer.settings.batch_size * trainer.settings.num_steps
                rows.append(
                    [preset, f"{precision} ({name})", round(words / theirs), round(words / own), theirs / own]
                )
                del trainer, textbook
    use_precision("highest")


def batches(bench: Bench, report: Report, preset: str, sizes: tuple[int, ...]) -> None:
    """Time our step with more rows side by side."""
    with report.table(f"{preset} by batch size", ("training.batch_size", "words/s", "ms per step")) as rows:
        for size in sizes:
            trainer = bench.trainer(preset, f"training.batch_size={size}")
            (seconds,) = medians(bench, trainer, [trainer.step])
            words = size * trainer.settings.num_steps
            rows.append([size, round(words / seconds), seconds * 1e3])


def memory(bench: Bench, report: Report, presets: tuple[str, ...]) -> None:
    """Measure the device memory that tensors take at most, the corpus's ids among them."""
    columns = ("preset", "ptbterm MB", "ptbterm without the graph, MB", "textbook MB")
    with report.table("Peak memory of the device", columns) as rows:
        for preset in presets:
            peaks = [
                _peak(bench, preset, make)
                for make in (
                    lambda trainer: trainer.step,
                    by_calls,
                    lambda _, name=preset: bench.textbook(name).step,
                )
            ]
            rows.append([preset, *peaks])


def _peak(bench: Bench, preset: str, make: Callable[[Trainer], Step]) -> int:
    gc.collect()  # trainers and their graphs refer to each other
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    trainer = bench.trainer(preset)
    seconds_for(6, make(trainer), ours.windows(trainer))
    return round(torch.cuda.max_memory_allocated() / 1e6)


def rates(bench: Bench, report: Report) -> None:
    """Measure the device's own rate of square matrix products."""
    rows: list[list[Cell]] = [
        [precision, gemm_rate(bench, precision) / 1e12] for precision in ("highest", "high", "medium")
    ]
    use_precision("highest")
    report.add("Products of float32 matrices", ("matmul_precision", "TFLOP/s"), rows)


def gemm_rate(bench: Bench, precision: str, times: int = 5) -> float:
    """Return the operations a second of the best of some products of large square matrices."""
    use_precision(precision)
    size = 8192 if bench.is_cuda else 256
    left, right = torch.rand(2, size, size, device=bench.device)
    return 2 * size**3 / min(bench.seconds_of(lambda: torch.mm(left, right)) for _ in range(times))
