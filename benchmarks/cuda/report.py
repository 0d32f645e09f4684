"""Plain tables on the screen, as they come, and all of them in one JSON file."""

import json
import os
import platform
import subprocess
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

Cell = str | int | float
Row = Sequence[Cell]


class Report:
    """Collects tables; prints each at once, so that an interrupted run has said what it knew."""

    def __init__(self, json_file: Path | None) -> None:
        self._json_file = json_file
        self._tables: list[dict[str, object]] = []
        self.failures: list[str] = []
        print(machine(), flush=True)

    def add(self, title: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Print a table and write it to the file, together with those before it."""
        print(f"\n{title}\n{plain_table(columns, rows)}", flush=True)
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        self._tables.append({"title": title, "rows": records})
        self._write()

    @contextmanager
    def table(self, title: str, columns: Sequence[str]) -> Iterator[list[Row]]:
        """Give a list of rows to fill, and add them as a table, also where a later row fails."""
        rows: list[Row] = []
        try:
            yield rows
        finally:
            if rows:
                self.add(title, columns, rows)

    def attempt(self, section: Callable[[], None]) -> None:
        """Run a section; one that fails is reported, and the others still run."""
        try:
            section()
        except Exception:  # noqa: BLE001
            self.failures.append(traceback.format_exc())
            print(f"\n{self.failures[-1]}", flush=True)
            self._write()

    def _write(self) -> None:
        if self._json_file is not None:
            document = {"machine": machine(), "tables": self._tables, "failures": self.failures}
            self._json_file.write_text(json.dumps(document, indent=2) + "\n")


def plain_table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return the rows under the columns, in aligned plain text."""
    lines = [columns, *([_text(cell) for cell in row] for row in rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])]).rstrip() for cells in lines
    )


def machine() -> str:
    """Return the GPU, where there is one, its driver, the processor and the versions."""
    versions = f"torch {torch.__version__}, Python {platform.python_version()}, {os.cpu_count()} CPU cores"
    if not torch.cuda.is_available():
        return f"no GPU; {versions}"
    card = torch.cuda.get_device_properties(0)
    cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    memory = f"{card.total_memory / 2**30:.0f} GiB"
    return f"{card.name}, {memory}, driver {_driver()}; {versions}, CUDA {torch.version.cuda}, cuDNN {cudnn}"


def _driver() -> str:
    query = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _text(cell: Cell) -> str:
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else cell
    return f"{cell:.2e}" if 0 < abs(cell) < 0.005 else f"{cell:,.2f}"
