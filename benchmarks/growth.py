"""Step time and peak memory as the vocabulary and the hidden size grow, ours and the textbook's."""

import json
import random
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import ours
from benchmarks.pace import seconds_for
from benchmarks.table import Cell, JsonOption, show
from benchmarks.textbook import Textbook
from ptbterm.model.device import keep_freed_memory

SIZES = [(10_000, 200), (50_000, 200), (200_000, 200), (10_000, 650), (10_000, 1500)]
"""Vocabulary and hidden size of each row; 20 x 20 windows, two layers."""

app = typer.Typer()


@app.callback(invoke_without_command=True)
def main(context: typer.Context, json_file: JsonOption = None) -> None:
    """Measure each size and each program in a process of its own, on text made up here."""
    if context.invoked_subcommand:
        return
    rows: list[list[Cell]] = []
    for vocabulary, hidden in SIZES:
        results = {program: _measure_apart(program, vocabulary, hidden) for program in ("textbook", "ours")}
        theirs, own = results["textbook"], results["ours"]
        ratio = theirs["milliseconds"] / own["milliseconds"]
        milliseconds = [theirs["milliseconds"], own["milliseconds"], ratio]
        rows.append([vocabulary, hidden, *milliseconds, theirs["megabytes"], own["megabytes"]])
    columns = ("vocabulary", "hidden", "textbook ms", "ptbterm ms", "ratio", "textbook peak MB", "ptbterm peak MB")
    show("A training step, and the memory of the whole process", columns, rows, json_file)


def _measure_apart(program: str, vocabulary: int, hidden: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", "measure", program, str(vocabulary), str(hidden)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    results: dict[str, float] = json.loads(ended.stdout)
    return results


@app.command()
def measure(program: str, vocabulary: int, hidden: int, windows: Annotated[int, typer.Option()] = 12) -> None:
    """Time one program's step at one size, and print it with the peak memory as JSON."""
    with TemporaryDirectory() as folder:
        text = _made_up_text(Path(folder) / "text.txt", vocabulary)
        corpus = ours.read_corpus(str(text), Path(folder), f"corpus.vocabulary_size={vocabulary}")
        trainer = ours.trainer(ours.settings("small", f"model.hidden_size={hidden}"), corpus)
    stream, step = ours.windows(trainer), trainer.step
    if program == "ours":
        keep_freed_memory()
    else:
        textbook = Textbook(trainer.model.vocabulary_size, hidden, num_layers=2)
        del trainer.model, trainer.optimizer
        step = textbook.step
    seconds_for(3, step, stream)
    milliseconds = seconds_for(windows, step, stream) / windows * 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"milliseconds": milliseconds, "megabytes": round(peak)}))


def _made_up_text(path: Path, types: int) -> Path:
    chance = random.Random(1)
    words = [f"w{number}" for number in range(types - 2)]
    drawn = [*words, *chance.choices(words, k=40_000)]
    lines = [" ".join(drawn[first : first + 20]) for first in range(0, len(drawn), 20)]
    path.write_text("\n".join([*lines, *lines[: len(lines) // 2]]))
    return path


if __name__ == "__main__":
    app()
