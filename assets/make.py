"""Makes the pictures in this folder, from real trainings on the demo corpus: `python assets/make.py`."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ptbterm.runs.run import Run
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.dashboard.run_screen import Pace
from ptbterm.terminal.dashboard.screen import Dashboard
from ptbterm.terminal.dashboard.watched import WatchedRun

HERE = Path(__file__).parent
SIZES = ((80, 24), (140, 42))


async def picture(run: Run, size: tuple[int, int], name: str, *keys: str) -> None:
    """Save what the dashboard shows of a run after some keys."""
    app = PtbtermApp(Dashboard(WatchedRun(run), Pace.of(0.25)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1.0)
        await pilot.press(*keys)
        await pilot.pause(1.0)
        columns, rows = size
        file = HERE / f"dashboard-{name}-{columns}x{rows}.svg"
        file.write_text(app.picture(), encoding="utf-8")
        print(file)


def pictures(run: Run, name: str, *keys: str) -> None:
    """Save a run at every size."""
    for size in SIZES:
        asyncio.run(picture(run, size, name, *keys))


def main() -> None:
    """Train for real, and look: while it runs, when it is finished, when it fails."""
    with TemporaryDirectory() as home:
        environment = os.environ | {"PTBTERM_HOME": home}
        runs = Path(home) / "runs"

        def train(name: str, *settings: str) -> "subprocess.Popen[bytes]":
            changes = [argument for setting in settings for argument in ("--set", setting)]
            command = ["train", "--preset", "demo", "--name", name, "--view", "none", *changes]
            return subprocess.Popen(
                [sys.executable, "-m", "ptbterm", *command], env=environment, stderr=subprocess.DEVNULL
            )

        with train("demo") as trainer:
            time.sleep(12)
            pictures(Run(runs / "demo"), "running")
            trainer.wait()
        pictures(Run(runs / "demo"), "finished")
        with train("too-fast", "training.learning_rate=3", "training.max_grad_norm=1000") as trainer:
            trainer.wait()
        pictures(Run(runs / "too-fast"), "failed")


if __name__ == "__main__":
    main()
