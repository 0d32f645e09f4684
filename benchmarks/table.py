"""Prints a table, says on what machine it was made, and writes it as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table

from ptbterm import environment

Cell = str | int | float

CorpusArgument = Annotated[str, typer.Argument(help="A folder that holds the Penn Treebank, or another corpus.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the table here as well.")]


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], json_file: Path | None) -> None:
    """Print the rows under the columns, and write them to `json_file` if there is one."""
    table = Table(*columns, title=title, caption=machine())
    for row in rows:
        table.add_row(*(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    Console().print(table)
    if json_file is not None:
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        document = {"title": title, "machine": machine(), "rows": records}
        json_file.write_text(json.dumps(document, indent=2) + "\n")


def machine() -> str:
    """Return processor, instruction set, threads and versions."""
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    name = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
    capability = torch.backends.cpu.get_cpu_capability()
    versions = f"torch {torch.__version__}, Python {platform.python_version()}"
    threads = f"{torch.get_num_threads()} threads ({environment.waits()})"
    return f"{name}, {capability}, {os.cpu_count()} cores, {threads}; {versions}"
