"""Makes the pictures in assets/ from real trainings: `python -m scripts.pictures [SUBJECT]... [--chat RUN]`."""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from textual.widgets import TextArea

from ptbterm import environment
from ptbterm.cli.chat import model_info_of
from ptbterm.cli.inputs import open_text
from ptbterm.cli.tour import load_tour
from ptbterm.inference.completion import Completer
from ptbterm.inference.embeddings import read_word_vectors
from ptbterm.inference.trained_model import load_run
from ptbterm.inference.word_map import map_of_run
from ptbterm.runs.catalog import find_run
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.chat.screen import ChatScreen
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.screens.dashboard.watcher import Pace
from ptbterm.terminal.screens.tour.screen import TourScreen
from ptbterm.terminal.screens.word_map.atlas import Atlas, Caption
from ptbterm.terminal.screens.word_map.picture import save_picture
from ptbterm.terminal.screens.word_map.screen import WordMapScreen

ASSETS = Path(__file__).parents[1] / "assets"
SMALL, MIDDLE, LARGE = (80, 24), (120, 36), (140, 42)
TOUR_STEPS = {3: (), 4: ("down",) * 6, 13: (), 14: ()}
"""Steps of the tour that are pictured, and the keys pressed there."""
TYPED = {"next-word": "the company's shares rose 12 %\nthis is an ", "completion": "this is an ec"}


@contextmanager
def demo_run(*settings: str) -> Iterator[tuple[Run, "subprocess.Popen[bytes]"]]:
    """Train the demo model in a home of its own; yield the run and its trainer."""
    with (
        TemporaryDirectory() as home,
        trainer_of(Path(home), "train", "--preset", "demo", "--name", "demo", *settings) as trainer,
    ):
        yield Run(Path(home) / "runs" / "demo"), trainer


def trainer_of(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a trainer that shows nothing."""
    command = [sys.executable, "-P", "-m", "ptbterm", *arguments, "--view", "none"]
    return subprocess.Popen(command, env=os.environ | {"PTBTERM_HOME": str(home)}, stderr=subprocess.DEVNULL)


def save(app: PtbtermApp, size: tuple[int, int], name: str) -> None:
    """Save what an app shows."""
    file = ASSETS / f"{name}-{size[0]}x{size[1]}.svg"
    file.write_text(app.picture(), encoding="utf-8")
    print(file)


async def picture(app: PtbtermApp, size: tuple[int, int], name: str, *keys: str) -> None:
    """Save what an app shows after some keys."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause(1.0)
        await pilot.press(*keys)
        await pilot.pause(1.0)
        save(app, size, name)


def dashboard(run: Run, name: str) -> None:
    """Picture the dashboard of a run at both sizes."""
    for size in (SMALL, LARGE):
        asyncio.run(
            picture(PtbtermApp(DashboardScreen(WatchedRun(run), Pace.of(0.25))), size, f"dashboard-{name}")
        )


def picture_running_and_finished() -> None:
    """Picture the dashboard while a model trains, and when it is trained."""
    with demo_run() as (run, trainer):
        time.sleep(12)
        dashboard(run, "running")
        trainer.wait()
        dashboard(run, "finished")


def picture_failed() -> None:
    """Picture a run that was resumed at a rate far too high, and diverged."""
    with demo_run("--set", "training.epochs=3") as (run, trainer):
        trainer.wait()
        rates = ("training.learning_rate=50", "training.full_rate_epochs=8", "training.max_grad_norm=1e9")
        changes = [argument for rate in ("training.epochs=8", *rates) for argument in ("--set", rate)]
        trainer_of(run.path.parents[1], "resume", "demo", *changes).wait()
        dashboard(run, "failed")


def picture_map() -> None:
    """Picture the map of a run's words: as an image, and its screen, whole and near one word."""
    with demo_run() as (run, trainer):
        trainer.wait()
        caption = Caption(run.name, run.read_record().run.corpus)
        vectors = read_word_vectors(run)
        atlas = Atlas(caption, vectors, map_of_run(run, vectors, 1000))
        save_picture(atlas, ASSETS / "map.png", "png")
        word = ("slash", *"january", "enter")
        for size, keys in ((SMALL, (*word, "plus", "plus", "plus")), (MIDDLE, word)):
            asyncio.run(picture(PtbtermApp(WordMapScreen(caption, lambda _: atlas)), size, "map", *keys))


def picture_tour() -> None:
    """Picture steps of the tour through the demo corpus with a fresh model."""
    with TemporaryDirectory() as folder:
        tour = load_tour(None, open_text("demo"), Path(folder))
        for step, keys in TOUR_STEPS.items():
            for size in (SMALL, MIDDLE):
                app = PtbtermApp(TourScreen(lambda: tour, Path(folder) / "tour.json", first_step=step))
                asyncio.run(picture_of_step(app, size, f"tour-{step:02d}", keys))


async def picture_of_step(app: PtbtermApp, size: tuple[int, int], name: str, keys: tuple[str, ...]) -> None:
    """Save one step of the tour when it is computed, after some keys."""
    async with app.run_test(size=size) as pilot:
        screen = cast("TourScreen", app.screen)
        while screen.page is None or screen.page.progress is not None:
            await pilot.pause(0.2)
        await pilot.press(*keys)
        await pilot.pause(1.0)
        save(app, size, name)


def picture_chat(name: str) -> None:
    """Picture the chat with the model of a run."""
    run = find_run(environment.runs(), name)
    for subject, text in TYPED.items():
        for size in (SMALL, MIDDLE):
            app = PtbtermApp(ChatScreen(model_info_of(run), lambda: Completer(load_run(run).predictor)))
            asyncio.run(picture_of_text(app, size, f"chat-{subject}", text))


async def picture_of_text(app: PtbtermApp, size: tuple[int, int], name: str, text: str) -> None:
    """Save the chat when a text is typed."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause(2.0)
        app.screen.query_one("#context", TextArea).insert(text)
        await pilot.pause(1.0)
        save(app, size, name)


SUBJECTS: dict[str, Callable[[], None]] = {
    "dashboard": picture_running_and_finished,
    "failed": picture_failed,
    "map": picture_map,
    "tour": picture_tour,
}


def main() -> None:
    """Make the pictures that the command line names, or all but the chat's."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.pictures", description="Make the pictures in assets/."
    )
    parser.add_argument(
        "subjects", nargs="*", metavar="SUBJECT", help=f"any of {', '.join(SUBJECTS)}; all without"
    )
    parser.add_argument("--chat", metavar="RUN", help="the chat with the model of this run")
    arguments = parser.parse_args()
    if unknown := set(arguments.subjects) - set(SUBJECTS):
        parser.error(f"unknown subject: {', '.join(sorted(unknown))}; choose from {', '.join(SUBJECTS)}")
    if arguments.chat:
        picture_chat(arguments.chat)
    for subject in arguments.subjects or ([] if arguments.chat else SUBJECTS):
        SUBJECTS[subject]()


if __name__ == "__main__":
    main()
