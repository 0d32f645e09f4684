"""Panel 3: words per second, the optimizer's figures, and what the trainer takes of the machine."""

from ptbterm.terminal.screens.dashboard.view import RunView
from ptbterm.terminal.text import numbers as units
from ptbterm.terminal.text.lines import Line, Role, Span, fit, justify, line, muted, strong


def lines(view: RunView, cells: int) -> list[Line]:
    """Return the speed with its course, rate and gradient, the machine."""
    progress, state = view.state.progress, view.state
    if progress is None:
        return [line(muted("No words yet."))]
    clip = f" (clip {view.record.training.max_grad_norm:g})" if view.record else ""
    rows = [
        line(
            strong(units.count(_now(view))),
            " words/s now",
            muted(f"    {units.count(progress.words_per_second)} mean"),
        ),
        line(Span(_course(view, cells), Role.TRAIN)),
        line("rate ", units.learning_rate(progress.learning_rate)),
        line("gradient norm ", f"{progress.gradient_norm:.3g}", muted(clip)),
        line("loss ", f"{progress.loss:.3f}", muted(" nats a word")),
        line("training ", units.duration(state.training_seconds)),
    ]
    return [*rows, *_machine(view)]


def brief(view: RunView, cells: int) -> Line:
    """Return all of it that matters in one line."""
    progress = view.state.progress
    if progress is None:
        return fit(line(muted(" No words yet.")), cells)
    right = line(
        "rate ",
        units.learning_rate(progress.learning_rate),
        "   gradient ",
        f"{progress.gradient_norm:.3g} ",
    )
    now = units.count(_now(view))
    mean = f"  mean {units.count(progress.words_per_second)}"
    left = line(" ", strong(now), " words/s ", Span(_course(view, 18), Role.TRAIN), muted(mean))
    return justify(left, right, cells)


def _now(view: RunView) -> float:
    progress = view.state.progress
    return (progress.recent_words_per_second or progress.words_per_second) if progress else 0.0


def _course(view: RunView, cells: int) -> str:
    return view.symbols.spark_of([point.words_per_second for point in view.state.curve[-max(cells, 1) :]])


def _machine(view: RunView) -> list[Line]:
    machine = view.machine
    if machine is None:
        return []
    used = f"cpu {machine.cpu_percent:.0f} %   memory {units.gigabytes(machine.memory)}"
    rows = [line(used), line(muted(f"{units.gigabytes(machine.disk_free)} free on the disk"))]
    return [*rows, line(view.symbols.shown(machine.gpu))] if machine.gpu else rows
