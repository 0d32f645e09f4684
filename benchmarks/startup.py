"""From the command to what a person waits for, in fresh processes."""

import os
import statistics
import subprocess
import sys
import time
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.table import Cell, JsonOption, show

PTBTERM = (sys.executable, "-P", "-m", "ptbterm")
TRAIN = (*PTBTERM, "train", "--preset", "demo", "--set", "training.epochs=1", "--view", "json")


def main(
    times: Annotated[int, typer.Option(help="Times that each is measured.")] = 7,
    json_file: JsonOption = None,
) -> None:
    """Measure --help, presets, the import of torch alone, and train up to its first window."""
    with TemporaryDirectory() as home:
        environment = os.environ | {"PTBTERM_HOME": home}
        first = _until(TRAIN, environment, '"epoch_started"')
        commands = {
            "python -c pass": ((sys.executable, "-c", "pass"), ""),
            "python -c 'import torch'": ((sys.executable, "-c", "import torch; print()"), ""),
            "ptbterm --help": ((*PTBTERM, "--help"), ""),
            "ptbterm presets": ((*PTBTERM, "presets"), ""),
            "ptbterm train, to the first window": (TRAIN, '"epoch_started"'),
        }
        rows: list[list[Cell]] = [["ptbterm train, to the first window, corpus never read before", first, first]]
        for name, (command, sign) in commands.items():
            seconds = [_until(command, environment, sign) for _ in range(times)]
            rows.append([name, statistics.median(seconds), max(seconds)])
    show("Start-up", ("command", "seconds (median)", "seconds (slowest)"), rows, json_file)


def _until(command: tuple[str, ...], environment: dict[str, str], sign: str) -> float:
    """Return the seconds until the output has a line with `sign`, or until the end if it is empty."""
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if sign and sign.encode() in line:
                seconds = time.perf_counter() - started
                process.kill()
                return seconds
        process.wait()
    return time.perf_counter() - started


if __name__ == "__main__":
    typer.run(main)
