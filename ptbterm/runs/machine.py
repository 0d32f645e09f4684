"""A trainer's use of CPU, memory, disk and GPU, as the operating system reports it."""

import shutil
import subprocess
from dataclasses import dataclass

import psutil

from ptbterm import environment
from ptbterm.runs.lock import trainer
from ptbterm.runs.run import Run

GPU_QUERY = ("nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader")


@dataclass(frozen=True)
class Machine:
    """Load and room: percent of one CPU, bytes of memory and of free disk, the first GPU in words."""

    cpu_percent: float
    memory: int
    disk_free: int
    gpu: str = ""


class MachineProbe:
    """Measures the trainer of a run; its CPU load is the mean since the measurement before."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._process: psutil.Process | None = None

    def measure(self, *, gpu: bool) -> Machine | None:
        """Return the trainer's present use; None if no trainer runs on this machine."""
        try:
            process = trainer(self._run)
            if process is None:
                return None
            if process != self._process:
                self._process = process
            with self._process.oneshot():
                cpu = self._process.cpu_percent()
                memory = self._process.memory_info().rss
            return Machine(cpu, memory, shutil.disk_usage(self._run.path).free, _gpu() if gpu else "")
        except (psutil.Error, OSError):
            return None


def _gpu() -> str:
    """Return load and memory of the first GPU; empty if nvidia-smi does not answer."""
    try:
        done = subprocess.run(  # noqa: S603
            GPU_QUERY, capture_output=True, text=True, timeout=2, check=True, env=environment.of_children()
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    load, _, memory = done.stdout.partition("\n")[0].partition(", ")
    return f"gpu {load}   memory {memory}"
