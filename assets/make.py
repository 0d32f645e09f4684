"""Makes the pictures in this folder, from real trainings on the demo corpus: `python assets/make.py [tour]`."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from ptbterm.cli.corpora import open_text
from ptbterm.cli.tour import load_tour
from ptbterm.inference.embeddings import read_word_vectors
from ptbterm.inference.word_map import map_of_run
from ptbterm.lessons.tour import Tour
from ptbterm.runs.run import Run
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.run_screen import Pace
from ptbterm.terminal.screens.dashboard.screen import Dashboard
from ptbterm.terminal.screens.dashboard.watched import WatchedRun
from ptbterm.terminal.screens.tour.screen import Tour as TourScreen
from ptbterm.terminal.screens.word_map.atlas import Atlas, Caption
from ptbterm.terminal.screens.word_map.picture import save_picture
from ptbterm.terminal.screens.word_map.screen import EmbeddingMap

HERE = Path(__file__).parent
SIZES = ((80, 24), (140, 42))
TOUR_SIZES = ((80, 24), (120, 36))
TOUR_STEPS = {3: (), 4: ("down",) * 6, 13: (), 14: ()}
"""Steps of the tour that are pictured, and the keys pressed there."""


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


async def picture_of_step(tour: Tour, step: int, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    """Save one step of the tour when it is computed, after some keys."""
    with TemporaryDirectory() as folder:
        app = PtbtermApp(TourScreen(lambda: tour, Path(folder) / "tour.json", first_step=step))
        async with app.run_test(size=size) as pilot:
            screen = cast("TourScreen", app.screen)
            while screen.page is None or screen.page.progress is not None:
                await pilot.pause(0.2)
            await pilot.press(*keys)
            await pilot.pause(1.0)
            file = HERE / f"tour-{step:02d}-{size[0]}x{size[1]}.svg"
            file.write_text(app.picture(), encoding="utf-8")
            print(file)


def pictures_of_the_tour() -> None:
    """Walk the demo corpus with a fresh model, and save some steps at every size."""
    with TemporaryDirectory() as folder:
        tour = load_tour(None, open_text("demo"), Path(folder))
        for step, keys in TOUR_STEPS.items():
            for size in TOUR_SIZES:
                asyncio.run(picture_of_step(tour, step, keys, size))


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
    """Walk the tour, then train for real, and look: while it runs, when it is finished, when it fails."""
    pictures_of_the_tour()
    if sys.argv[1:] == ["tour"]:
        return
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
