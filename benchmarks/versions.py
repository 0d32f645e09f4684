"""Training steps of this checkout and of an earlier one, in turn: their times, and whether the weights agree.

    python -m benchmarks.versions CORPUS CHECKOUT

A preset passes if the median of the pairs is at most 2 % slower, and if the weights are the same bits.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Self

import typer

from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from ptbterm.environment import SPIN_COUNT

HERE = Path(__file__).parents[1]
MAX_SLOWER = 1.02
PRESETS = sorted(file.stem for file in (HERE / "ptbterm" / "settings" / "presets").glob("*.toml"))


class StepApart:
    """The step of a checkout in a process of its own, until its `with` block ends."""

    def __init__(self, checkout: Path, corpus: str, folder: Path, preset: str) -> None:
        self.weights = ""
        worker = str(Path(__file__).with_name("step_apart.py"))
        self._process = subprocess.Popen(
            [sys.executable, "-P", worker, corpus, str(folder), preset],
            env=_environment() | {"PYTHONPATH": str(checkout.absolute())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds_for(self, count: int) -> float:
        """Return the seconds that the next `count` windows take."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        seconds, self.weights = self._process.stdout.readline().split()
        return float(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _environment() -> dict[str, str]:
    """Return this process's variables without the spin count that ptbterm set: each checkout sets its own."""
    is_ours = os.environ.get("GOMP_SPINCOUNT") == str(SPIN_COUNT)
    return {name: value for name, value in os.environ.items() if not (is_ours and name == "GOMP_SPINCOUNT")}


def main(
    corpus: CorpusArgument,
    checkout: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The earlier checkout.")],
    preset: Annotated[list[str], typer.Option(help="Presets to measure; repeatable.")] = PRESETS,
    pairs: Annotated[int, typer.Option(help="Times that both are measured, in turn.")] = 15,
    seconds: Annotated[float, typer.Option(help="Seconds a time, about.")] = 1.0,
    json_file: JsonOption = None,
) -> None:
    """Print the medians of both checkouts' steps at each preset, and whether a preset passes."""
    with TemporaryDirectory() as folder:
        places = [Path(folder, "before"), Path(folder, "now")]
        rows = [_compare(name, corpus, [checkout, HERE], places, pairs, seconds) for name in preset]
    columns = ("preset", "before ms", "now ms", "now / before", "lowest", "highest", "same weights", "result")
    show(f"This checkout and {checkout.name}", columns, rows, json_file)


def _compare(
    preset: str, corpus: str, checkouts: list[Path], places: list[Path], pairs: int, seconds: float
) -> list[Cell]:
    before, now = (
        StepApart(checkout, corpus, place, preset) for checkout, place in zip(checkouts, places, strict=True)
    )
    with before, now:
        for program in (before, now):
            program.seconds_for(3)
        count = max(1, round(seconds * 3 / before.seconds_for(3)))
        now.seconds_for(3)
        times = []
        for number in range(pairs):
            if number % 2:
                own, earlier = now.seconds_for(count), before.seconds_for(count)
            else:
                earlier, own = before.seconds_for(count), now.seconds_for(count)
            times.append((1000 * earlier / count, 1000 * own / count))
    ratios = [own / earlier for earlier, own in times]
    ratio, same = statistics.median(ratios), before.weights == now.weights
    return [
        preset,
        *(statistics.median(column) for column in zip(*times, strict=True)),
        ratio,
        min(ratios),
        max(ratios),
        "yes" if same else "no",
        "pass" if same and ratio <= MAX_SLOWER else "FAIL",
    ]


if __name__ == "__main__":
    typer.run(main)
