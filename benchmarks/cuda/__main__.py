"""Measure ptbterm on a CUDA machine: agreement with the CPU, bits, speed, kernels, memory, answers.

    python -m benchmarks.cuda [--corpus PATH] [--json FILE]

takes under eight minutes on one GPU. `--device cpu` with small settings tries the command itself.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import ours
from benchmarks.cuda import agreement, kernels, speed, tasks
from benchmarks.cuda.bench import Bench, made_up_text
from benchmarks.cuda.report import Report
from ptbterm.model.device import choose_device, keep_freed_memory

PRESETS = ("notebook", "small", "medium", "large", "minute", "fast")
SMALL_PRESETS = ("small", "fast", "medium")
SECTIONS = (
    "losses", "answers", "bits", "waits", "rates", "steps", "precisions", "kernels", "batches", "memory", "tasks",
)  # fmt: skip


def main(
    corpus: Annotated[str | None, typer.Option(help="A folder with a corpus; without one, made-up text.")] = None,
    device: Annotated[str, typer.Option(help="cuda, cuda:N or cpu.")] = "cuda",
    preset: Annotated[list[str], typer.Option(help="Presets to time; repeatable.")] = list(PRESETS),  # noqa: B006
    assignments: Annotated[list[str] | None, typer.Option("--set", help="Change a setting of all.")] = None,
    section: Annotated[list[str], typer.Option(help="Sections; repeatable.")] = list(SECTIONS),  # noqa: B006
    windows: Annotated[int, typer.Option(help="Windows that are compared with the CPU's.")] = 60,
    words: Annotated[int, typer.Option(help="Words that are scored on both devices.")] = 20_000,
    seconds: Annotated[float, typer.Option(help="Seconds of each measurement.")] = 0.4,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the tables here as well.")] = None,
) -> None:
    """Measure every section and print its table; one that fails is shown and makes the exit code 1."""
    keep_freed_memory()
    with TemporaryDirectory() as name:
        folder = Path(name)
        report = Report(json_file)
        encoded = ours.read_corpus(corpus or str(made_up_text(folder)), folder)
        bench = Bench(encoded, choose_device(device), folder, tuple(assignments or ()), seconds)
        timed = tuple(preset)
        few = tuple(name for name in timed if name in SMALL_PRESETS)
        parts = {
            "losses": lambda: agreement.losses(bench, report, windows),
            "answers": lambda: agreement.answers(bench, report, windows, words),
            "bits": lambda: agreement.resuming(bench, report, windows // 2),
            "rates": lambda: speed.rates(bench, report),
            "steps": lambda: speed.steps(bench, report, timed),
            "precisions": lambda: speed.precisions(bench, report, timed),
            "batches": lambda: speed.batches(bench, report, "small", (20, 80, 320)),
            "tasks": lambda: tasks.tasks(bench, report, few, 200),
        }
        if bench.is_cuda:
            parts |= {
                "waits": lambda: agreement.waits(bench, report),
                "kernels": lambda: kernels.kernels(bench, report, few),
                "memory": lambda: speed.memory(bench, report, timed),
            }
        for title in SECTIONS:
            if title in section and title in parts:
                report.attempt(parts[title])
        sys.exit(bool(report.failures))


if __name__ == "__main__":
    typer.run(main)
