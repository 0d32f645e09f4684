"""What the device does in a step, with and without the CUDA graph: kernels, launches, busy time."""

from torch.profiler import ProfilerActivity, profile

from benchmarks import ours
from benchmarks.cuda.bench import WARM_UP, Bench, by_calls
from benchmarks.cuda.report import Cell, Report
from benchmarks.pace import Step, Windows, seconds_for

PROFILED = 10
"""Windows under the profiler."""
SHOWN = 12
"""Kernels that are named."""
LAUNCHES = ("cudaLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernel", "cuLaunchKernelEx", "cudaGraphLaunch")


def kernels(bench: Bench, report: Report, presets: tuple[str, ...]) -> None:
    """Count a step's kernels and launches, and say how long the device is busy with it."""
    columns = ("preset", "program", "kernels", "launches", "device busy ms", "ms per step", "busy")
    with report.table("Kernels and launches per step", columns) as rows:
        for preset in presets:
            trainer, called, textbook = bench.trainer(preset), bench.trainer(preset), bench.textbook(preset)
            programs = {
                "textbook": textbook.step,
                "ptbterm without the graph": by_calls(called),
                "ptbterm": trainer.step,
            }
            for name, step in programs.items():
                windows = ours.windows(trainer)
                seconds_for(WARM_UP, step, windows)
                wall = seconds_for(PROFILED, step, windows) / PROFILED * 1e3
                count, launches, busy, longest = _profile(step, windows)
                rows.append([preset, name, count, launches, busy, wall, f"{busy / wall:.0%}"])
                if name != "textbook":
                    title = f"Where the device's time goes: {preset}, {name}"
                    report.add(title, ("kernel", "calls per step", "ms per step"), longest)


def _profile(step: Step, windows: Windows) -> tuple[int, int, float, list[list[Cell]]]:
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
        seconds_for(PROFILED, step, windows)
    events = profiler.key_averages()
    on_device = [event for event in events if event.device_type.name == "CUDA" and "#" not in event.key]
    launches = sum(event.count for event in events if event.key in LAUNCHES)
    busy = sum(event.self_device_time_total for event in on_device) / PROFILED / 1e3
    longest: list[list[Cell]] = [
        [event.key[:80], event.count / PROFILED, event.self_device_time_total / PROFILED / 1e3]
        for event in sorted(on_device, key=lambda event: -event.self_device_time_total)[:SHOWN]
    ]
    return round(sum(event.count for event in on_device) / PROFILED), launches // PROFILED, busy, longest
