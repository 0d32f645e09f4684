"""Panel 3: words per second, the optimizer's figures, and what the trainer takes of the machine."""

from ptbterm.runs.watched import RunSnapshot
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, fit, justify, line, muted, strong
from ptbterm.terminal.text.symbols import Symbols

SUMMARY_SPARK_CELLS = 18


def speed_lines(run: RunSnapshot, symbols: Symbols, cells: int) -> list[Line]:
    """Return the speed with its history, rate and gradient, the machine."""
    progress, state = run.state.progress, run.state
    if progress is None:
        return [line(muted("No words trained yet."))]
    clip = f" (clip {run.record.training.max_grad_norm:g})" if run.record else ""
    rows = [
        line(
            strong(units.count(_recent_speed(run))),
            " words/s now",
            muted(f"    {units.count(progress.words_per_second)} mean"),
        ),
        line(Span(_speed_history(run, symbols, cells), Role.TRAIN)),
        line("rate ", units.learning_rate(progress.learning_rate)),
        line("gradient norm ", f"{progress.gradient_norm:.3g}", muted(clip)),
        line("loss ", f"{progress.loss:.3f}", muted(" nats per word")),
        line("training ", units.duration(state.training_seconds)),
    ]
    return [*rows, *_machine_lines(run, symbols)]


def speed_summary(run: RunSnapshot, symbols: Symbols, cells: int) -> Line:
    """Return the most important figures in one line."""
    progress = run.state.progress
    if progress is None:
        return fit(line(muted(" No words trained yet.")), cells)
    right = line(
        "rate ",
        units.learning_rate(progress.learning_rate),
        "   gradient ",
        f"{progress.gradient_norm:.3g} ",
    )
    left = line(
        " ",
        strong(units.count(_recent_speed(run))),
        " words/s ",
        Span(_speed_history(run, symbols, SUMMARY_SPARK_CELLS), Role.TRAIN),
        muted(f"  mean {units.count(progress.words_per_second)}"),
    )
    return justify(left, right, cells)


def _recent_speed(run: RunSnapshot) -> float:
    progress = run.state.progress
    return (progress.recent_words_per_second or progress.words_per_second) if progress else 0.0


def _speed_history(run: RunSnapshot, symbols: Symbols, cells: int) -> str:
    return symbols.spark_of([point.words_per_second for point in run.state.curve[-max(cells, 1) :]])


def _machine_lines(run: RunSnapshot, symbols: Symbols) -> list[Line]:
    machine = run.machine
    if machine is None:
        return []
    used = f"cpu {machine.cpu_percent:.0f} %   memory {units.gigabytes(machine.memory)}"
    rows = [line(used), line(muted(f"{units.gigabytes(machine.disk_free)} free on disk"))]
    return [*rows, line(symbols.shown(machine.gpu))] if machine.gpu else rows
