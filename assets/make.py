"""Makes the pictures in this folder, from real trainings on the demo corpus: `python assets/make.py`."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ptbterm.inference.embeddings import read_word_vectors
from ptbterm.inference.word_map import map_of_run
from ptbterm.runs.run import Run
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.dashboard.run_screen import Pace
from ptbterm.terminal.dashboard.screen import Dashboard
from ptbterm.terminal.dashboard.watched import WatchedRun
from ptbterm.terminal.embedding_map.atlas import Atlas, Caption
from ptbterm.terminal.embedding_map.picture import save_picture
from ptbterm.terminal.embedding_map.screen import EmbeddingMap

HERE = Path(__file__).parent
SIZES = ((80, 24), (140, 42))


async def save_screen(app: PtbtermApp, size: tuple[int, int], name: str, *keys: str) -> None:
    """Save what an app shows after some keys."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1.0)
        await pilot.press(*keys)
        await pilot.pause(1.0)
        columns, rows = size
        file = HERE / f"{name}-{columns}x{rows}.svg"
        file.write_text(app.picture(), encoding="utf-8")
        print(file)


def pictures(run: Run, name: str, *keys: str) -> None:
    """Save the dashboard of a run at every size."""
    for size in SIZES:
        app = PtbtermApp(Dashboard(WatchedRun(run), Pace.of(0.25)))
        asyncio.run(save_screen(app, size, f"dashboard-{name}", *keys))


def pictures_of_words(run: Run) -> None:
    """Save the map of a run's words: as a picture, and its screen, the whole and near one word."""
    caption = Caption(run.name, run.read_record().run.corpus)
    vectors = read_word_vectors(run)
    atlas = Atlas(caption, vectors, map_of_run(run, vectors, 1000))
    save_picture(atlas, HERE / "map.png", "png")
    word = ("slash", *"january", "enter")
    for size, keys in ((SIZES[0], (*word, "plus", "plus", "plus")), ((120, 36), word)):
        asyncio.run(save_screen(PtbtermApp(EmbeddingMap(caption, lambda _: atlas)), size, "map", *keys))


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
        pictures_of_words(Run(runs / "demo"))
        with train("too-fast", "training.learning_rate=3", "training.max_grad_norm=1000") as trainer:
            trainer.wait()
        pictures(Run(runs / "too-fast"), "failed")


if __name__ == "__main__":
    main()
