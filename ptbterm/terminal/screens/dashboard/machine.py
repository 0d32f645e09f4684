"""What a trainer takes of its machine, asked of the operating system from time to time."""

import shutil
import subprocess

import psutil

from ptbterm.runs.process import trainer
from ptbterm.runs.run import Run
from ptbterm.terminal.screens.dashboard.view import Machine

GPU_QUERY = ("nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader")


class MachineProbe:
    """Measures the trainer of a run; a share of the CPU needs the measurement before."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._process: psutil.Process | None = None

    def measure(self, *, gpu: bool) -> Machine | None:
        """Return what the trainer takes now; None if no trainer is at work on this machine."""
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
    """Return load and memory of the first GPU, or nothing where the driver's tool does not answer."""
    try:
        told = subprocess.run(GPU_QUERY, capture_output=True, text=True, timeout=2, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    load, _, memory = told.partition("\n")[0].partition(", ")
    return f"gpu {load}   memory {memory}"
