"""The dashboard: its first paint, how it follows a log, a slow line, and what it costs the training."""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
import pexpect
import pyte
import typer

from benchmarks.table import Cell, JsonOption, show
from ptbterm.runs.events import Progress
from ptbterm.runs.journal import Journal, encode, read_events
from ptbterm.runs.run import Run

PTBTERM = (sys.executable, "-P", "-m", "ptbterm")
TRAIN = ("train", "--preset", "demo", "--set", "training.epochs=100000", "--name", "trained", "--view", "none")
PATIENCE = 30.0


class Line:
    """A terminal that shows `ptbterm watch`; it reads at most `most` bytes a second."""

    def __init__(self, home: Path, size: tuple[int, int], most: int = 10**9, **variables: str) -> None:
        environment = os.environ | {"PTBTERM_HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        environment |= {"COLORTERM": "truecolor"} | variables
        environment.pop("CI", None)
        columns, rows = size
        self.started = time.perf_counter()
        self.bytes = 0
        self._unread = b""
        command = ["-P", "-m", "ptbterm", "watch", "trained"]
        self.child: Any = pexpect.spawn(sys.executable, command, env=environment, dimensions=(rows, columns))
        self._max_positions = most
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def read(self, seconds: float) -> None:
        """Read for that time, at most at the speed of the line."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            try:
                piece = self.child.read_nonblocking(min(self._max_positions // 20 or 1, 65_536), timeout=left)
            except pexpect.TIMEOUT:
                continue
            self.bytes += len(piece)
            self._unread += piece
            if self._max_positions < 10**9:
                time.sleep(len(piece) / self._max_positions)

    def rows(self) -> list[str]:
        """Return what the screen shows; drawing it takes time, which the training should not pay for."""
        self._stream.feed(self._unread.replace(b"\x1b[>1u", b"").replace(b"\x1b[<u", b""))
        self._unread = b""
        return list(self._screen.display)

    def seconds_until(self, sign: Callable[[str], bool]) -> float:
        """Return how long it takes until the screen shows what is waited for."""
        started = time.perf_counter()
        while not sign("\n".join(self.rows())):
            self.read(0.002)
            if time.perf_counter() - started > PATIENCE:
                raise TimeoutError("\n".join(self.rows()))
        return time.perf_counter() - started

    def seconds_for_key(self) -> float:
        """Return how long the axis takes to change after its key."""
        wanted = "linear axis" if any("log axis" in row for row in self.rows()) else "log axis"
        self.child.send("l")
        return self.seconds_until(lambda text: wanted in text)

    def close(self) -> None:
        """End the viewer."""
        self.child.close(force=True)


def main(
    pairs: Annotated[int, typer.Option(help="Times that the training is timed with and without a viewer.")] = 9,
    seconds: Annotated[float, typer.Option(help="Seconds of training each time.")] = 10.0,
    json_file: JsonOption = None,
) -> None:
    """Measure the dashboard on a real training, and on a log of 100,000 events."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        run = Run(home / "runs" / "trained")
        with _training(home, run):
            rows = [*_cost(home, run, pairs, seconds)]
        rows += _first_paint(home)
        rows += _following(home, run)
    show("The dashboard", ("what", "median", "worst", "unit"), rows, json_file)


@contextmanager
def _training(home: Path, run: Run) -> Iterator[None]:
    environment = os.environ | {"PTBTERM_HOME": str(home)}
    with subprocess.Popen([*PTBTERM, *TRAIN], env=environment, stderr=subprocess.DEVNULL) as trainer:
        while not run.events_file.exists() or run.events_file.stat().st_size < 50_000:
            time.sleep(0.1)
        try:
            yield
        finally:
            trainer.kill()


def _cost(home: Path, run: Run, pairs: int, seconds: float) -> Iterator[list[Cell]]:
    """Yield the share of the speed that a viewer takes, alternately with one and without."""
    for size in ((80, 24), (140, 42)):
        losses = []
        for _ in range(pairs):
            alone = _windows_per_second(run, seconds, time.sleep)
            viewer = Line(home, size)
            viewer.read(2.0)
            watched = _windows_per_second(run, seconds, viewer.read)
            viewer.close()
            losses.append(100 * (1 - watched / alone))
        columns, rows = size
        yield [f"training speed lost to a viewer, {columns} x {rows}", statistics.median(losses), max(losses), "%"]


def _windows_per_second(run: Run, seconds: float, wait: Callable[[float], None]) -> float:
    first = _newest(run)
    wait(seconds)
    last = _newest(run)
    windows = (last.epoch - first.epoch) * _windows(run) + last.window - first.window
    return windows / (last.training_seconds - first.training_seconds)


def _newest(run: Run) -> Progress:
    return [event for event in read_events(run.events_file) if isinstance(event, Progress)][-1]


def _windows(run: Run) -> int:
    started = next(iter(read_events(run.events_file)))
    return started.windows_per_epoch  # type: ignore[union-attr]


def _first_paint(home: Path) -> Iterator[list[Cell]]:
    painted, shown = [], []
    for _ in range(7):
        viewer = Line(home, (80, 24))
        painted.append(viewer.seconds_until(lambda text: "Leave" in text))
        shown.append(painted[-1] + viewer.seconds_until(lambda text: "words/s" in text))
        viewer.close()
    yield ["ptbterm watch, to the first paint", statistics.median(painted), max(painted), "s"]
    yield ["ptbterm watch, to the figures of the run", statistics.median(shown), max(shown), "s"]


def _following(home: Path, run: Run) -> Iterator[list[Cell]]:
    """Yield how a log of 100,000 events opens, and how keys and figures follow 1,000 new ones a second."""
    newest = _newest(run)
    with run.events_file.open("ab") as log:
        line = encode(newest) + b"\n"
        log.write(line * (100_000 - len(run.events_file.read_bytes().splitlines())))
    last = msgspec.structs.replace(newest, epoch=newest.epoch + 1)
    Journal(run.events_file, lambda _: None).append(last)
    viewer = Line(home, (140, 42))
    opened = viewer.seconds_until(lambda text: f"epoch {last.epoch} of" in text)
    viewer.close()
    yield ["a log of 100,000 events, to its last one", opened, opened, "s"]

    lines: dict[str, tuple[tuple[int, int], int, dict[str, str]]] = {
        "": ((140, 42), 10**9, {}),
        ", SSH": ((140, 42), 10**9, {"SSH_CONNECTION": "x"}),
        ", SSH, 20 kB/s": ((140, 42), 20_000, {"SSH_CONNECTION": "x"}),
    }
    for name, (size, most, variables) in lines.items():
        viewer = Line(home, size, most, **variables)
        viewer.seconds_until(lambda text: f"epoch {last.epoch} of" in text)
        viewer.read(2.0)
        with _telling(run, last, 1_000):
            viewer.read(2.0)
            before = viewer.bytes
            viewer.read(6.0)
            rate = (viewer.bytes - before) / 6.0 / 1_000
            keys = []
            for _ in range(20):
                keys.append(1_000 * viewer.seconds_for_key())
                viewer.read(0.3)
            late = [viewer.seconds_until(_newer(viewer)) for _ in range(5)]
        viewer.close()
        yield [f"bytes sent at 1,000 events/s{name}", rate, rate, "kB/s"]
        yield [f"a key is answered at 1,000 events/s{name}", statistics.median(keys), max(keys), "ms"]
        yield [f"figures change at 1,000 events/s{name}", statistics.median(late), max(late), "s"]


def _newer(viewer: Line) -> Callable[[str], bool]:
    """Return whether the screen shows another gradient norm, which every event here changes."""
    before = [row for row in viewer.rows() if "gradient" in row]
    return lambda text: [row for row in text.splitlines() if "gradient" in row] != before


@contextmanager
def _telling(run: Run, event: Progress, rate: int) -> Iterator[None]:
    """Append events to the log at that rate (events/s) while the block runs."""
    ended = threading.Event()

    def append_events() -> None:
        number, started = 0, time.perf_counter()
        with run.events_file.open("ab") as log:
            while not ended.wait(0.05):
                due = int((time.perf_counter() - started) * rate)
                while number < due:
                    number += 1
                    changed = msgspec.structs.replace(event, gradient_norm=number / 1_000, sequence=10**6 + number)
                    log.write(encode(changed) + b"\n")
                log.flush()

    thread = threading.Thread(target=append_events)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    typer.run(main)
