"""What checkpoints cost: the seconds that one takes, and their share of an epoch that is saved as runs are."""

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import ours
from benchmarks.pace import seconds_for
from benchmarks.table import Cell, CorpusArgument, JsonOption, show
from ptbterm.checkpoints import save_checkpoint
from ptbterm.settings.resolve import preset_names
from ptbterm.training.trainer import Trainer

AFTER_AN_EPOCH = 2
"""Checkpoints at its end, best and last; in it there is one every `save_minutes`."""


def main(
    corpus: CorpusArgument,
    preset: Annotated[list[str], typer.Option(help="Presets to measure; repeatable.")] = preset_names(),  # noqa: B008
    place: Annotated[Path | None, typer.Option(help="Where to write: the disk that counts.")] = None,
    times: Annotated[int, typer.Option(help="Checkpoints to write.")] = 5,
    windows: Annotated[int, typer.Option(help="Windows to time.")] = 20,
    json_file: JsonOption = None,
) -> None:
    """Train some windows of each preset and save it, flushed to disk."""
    with TemporaryDirectory(dir=place) as folder:
        rows = []
        for name in preset:
            settings = ours.settings(name)
            encoded = ours.read_corpus(corpus, Path(folder))
            rows.append(_measure(name, ours.trainer(settings, encoded), Path(folder), times, windows))
    columns = ("preset", "MB", "ms per checkpoint", "seconds per epoch", "checkpoints per epoch", "share, %")
    show("What checkpoints cost", columns, rows, json_file)


def _measure(name: str, trainer: Trainer, folder: Path, times: int, windows: int) -> list[Cell]:
    stream = ours.windows(trainer)
    seconds_for(3, trainer.step, stream)
    epoch = seconds_for(windows, trainer.step, stream) / windows * trainer.windows
    last, previous = folder / "last.safetensors", folder / "previous.safetensors"
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        save_checkpoint(trainer.checkpoint(), last, before=previous)
        seconds.append(time.perf_counter() - started)
    median = statistics.median(seconds)
    count = AFTER_AN_EPOCH + int(epoch / (60 * trainer.settings.save_minutes))
    return [name, last.stat().st_size / 1e6, 1000 * median, epoch, count, 100 * count * median / epoch]


if __name__ == "__main__":
    typer.run(main)
