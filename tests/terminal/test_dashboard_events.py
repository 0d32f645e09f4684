"""The dashboard: new events, damaged logs, how runs end, and how it is left."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import delete_run
from ptbterm.runs.events import AnyEvent, RunFailed, RunStopped, Warned
from ptbterm.runs.journal import Journal, NewEvents, encode
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.text.symbols import ASCII
from tests.terminal.piloted_screen import PilotedScreen
from tests.terminal.watched_runs import FINISHED, STARTED, TEST, glimpse, make_run, story, time_of
from tests.terminal.watching import NARROW, PACE, WIDE, watching


@pytest.fixture
def finished(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs", [*story(4), TEST, FINISHED])


async def test_new_events_are_shown_as_they_arrive(running: Run) -> None:
    async with watching(running) as screen:
        journal = Journal(running.events_file, lambda _: None)
        for event in list(story(3.0))[-6:]:
            journal.append(event)
        await screen.until("valid 116.5")
        journal.append(glimpse(4, 0.0, "economic", "old"))
        await screen.until("economic ")


async def test_a_warning_is_seen_on_every_panel_and_stays_in_the_log(running: Run) -> None:
    async with watching(running) as screen:
        full = Warned(message="Checkpoint \x1b[31mlast can't be written: disk full.", hint="Training continues.")
        Journal(running.events_file, lambda _: None).append(full)
        text = await screen.until("disk full")
        assert "\x1b" not in text
        await screen.press("6")
        await screen.until("Warning: Checkpoint .*last can't be written: disk full")


class Unreadable(WatchedRun):
    """A run whose log can't be read while `is_broken`."""

    is_broken = False

    def read(self, limit: int = 2_000) -> NewEvents:
        if self.is_broken:
            raise PtbtermError("events.jsonl can't be read: Permission denied.")
        return super().read(limit)


async def test_a_log_that_can_not_be_read_is_notified_once_and_tried_again(running: Run) -> None:
    watched = Unreadable(running)
    async with PtbtermApp(DashboardScreen(watched, PACE)).run_test(size=NARROW, notifications=True) as pilot:
        screen = PilotedScreen(pilot)
        await screen.until("epoch 3 of 4")
        watched.is_broken = True
        await screen.until("Permission denied")
        await pilot.pause(5 * PACE.events)
        assert screen.text.count("Permission denied") == 1
        watched.is_broken = False
        Journal(running.events_file, lambda _: None).append(glimpse(3, 0.5, "economic", "old"))
        await screen.until("economic ")


async def test_a_torn_line_is_awaited(running: Run) -> None:
    async with watching(running) as screen:
        line = encode(glimpse(3, 0.5, "economic")) + b"\n"
        with running.events_file.open("ab") as log:
            log.write(line[:50])
            log.flush()
            await screen.pilot.pause(0.1)
            assert "economic" not in screen.text
            log.write(line[50:])
        await screen.until("economic ")


async def test_a_log_that_is_cut_short_is_read_again(running: Run) -> None:
    async with watching(running) as screen:
        await screen.until("epoch 3 of 4")
        running.events_file.write_bytes(b"")
        make = Journal(running.events_file, lambda _: None)
        for event in story(0.5):
            make.append(event)
        await screen.until("epoch 1 of 4")


async def test_stop_asks_first(running: Run) -> None:
    async with watching(running) as screen:
        await screen.press("s", shows="Stop after the current window and save?")
        for key in ("n", "enter", "escape"):
            assert "Stop after the current window" not in await screen.press(key)
            assert "● running" in screen.text
            await screen.press("s")


async def test_a_run_that_is_deleted_while_it_is_watched_is_gone(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", [*story(2.4), FINISHED])
    async with watching(run) as screen:
        await screen.until("finished")
        delete_run(run)
        text = await screen.until("gone")
    assert "The folder of this run was deleted or renamed." in text
    assert not re.search("r Resume|s Stop|c Chat", text)


async def test_a_trainer_that_dies_is_lost(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", story(2.4))
    with as_trainer(run):
        pass
    async with watching(run) as screen:
        text = await screen.until("lost")
        assert re.search(r"The trainer died; its last event was at \d\d:\d\d\.  r resumes it\.", text)
        assert "r Resume" in text
        assert "s Stop" not in text


@pytest.mark.parametrize(
    ("end", "sign", "says"),
    [
        (
            RunFailed(reason="Training diverged.", hint="Lower the rate."),
            "✗ failed",
            "Training diverged. Lower the rate.",
        ),
        (
            RunStopped(epoch=3, window=400, training_seconds=150.0, checkpoint="last.safetensors"),
            "■ stopped",
            "at epoch 3, window 400, saved.",
        ),
    ],
)
async def test_an_end_says_what_to_do(tmp_path: Path, end: AnyEvent, sign: str, says: str) -> None:
    run = make_run(tmp_path / "runs", [*story(2.4), end])
    async with watching(run) as screen:
        text = await screen.until(sign)
        assert says in text
        assert "r Resume" in text


async def test_a_finished_run(finished: Run) -> None:
    async with watching(finished) as screen:
        text = await screen.until("✓ finished")
        assert "test perplexity 112.5 · stream, 82,429 words · 4:00 of training" in text
        for key in ("s Stop", "r Resume"):
            assert key not in text
        assert "c Chat" in text


async def test_a_run_that_has_not_begun(tmp_path: Path) -> None:
    run = make_run(tmp_path / "runs", [])
    with as_trainer(run):
        async with watching(run) as screen:
            await screen.until("◌ starting")
            journal = Journal(run.events_file, lambda _: None)
            journal.append(STARTED)
            await screen.until("● running")


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving(running: Run, key: str) -> None:
    async with watching(running) as screen:
        await screen.pilot.press(key)
        await screen.pilot.pause()
        assert screen.pilot.app.return_code == 0


async def test_ctrl_c_hints_and_leaves_only_the_second_time(running: Run) -> None:
    async with watching(running) as screen:
        await screen.press("ctrl+c")
        await screen.until("Press ctrl.c again to leave")
        await screen.pilot.press("ctrl+c")
        await screen.pilot.pause()
        assert screen.pilot.app.return_code == 0


async def test_leaves_by_itself_when_asked_to(finished: Run) -> None:
    watched = WatchedRun(finished, now=lambda: time_of(130))
    app = PtbtermApp(DashboardScreen(watched, PACE, exit_when_done=True))
    async with app.run_test(size=NARROW) as pilot:
        for _ in range(100):
            if app.return_code is not None:
                break
            await pilot.pause(0.02)
    assert app.return_code == 0


async def test_following_a_resize(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        await screen.pilot.resize_terminal(*NARROW)
        await screen.until(r"\[1 Perplexity\]")
        await screen.pilot.resize_terminal(*WIDE)
        await screen.until("3 Speed ")


async def test_another_run(running: Run) -> None:
    make_run(running.path.parent, [*story(4), TEST, FINISHED], name="finished-before")
    async with watching(running) as screen:
        await screen.press("o", shows="finished-before")
        await screen.press("enter")
        await screen.until("finished-before  ✓ finished")


async def test_ascii_where_there_is_no_utf8(running: Run) -> None:
    async with watching(running, WIDE, symbols=ASCII) as screen:
        text = await screen.until("running")
        inside = re.sub(r"[╭╮╰╯─│┏┓┗┛━┃…←→]", "", text)
        assert inside.isascii(), set(inside) - set(map(chr, range(128)))


async def test_a_picture_fetches_nothing(running: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with watching(running, WIDE) as screen:
        await screen.press("p")
        await screen.until("Saved ")
    [picture] = tmp_path.glob("ptbterm-*.svg")
    assert "@font-face" not in picture.read_text()
    assert "url(http" not in picture.read_text()


VIEWER = """
import asyncio, json, sys
from pathlib import Path
from ptbterm.runs.run import Run
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.watcher import Pace
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.runs.watched import WatchedRun

async def look() -> None:
    app = PtbtermApp(DashboardScreen(WatchedRun(Run(Path(sys.argv[1]))), Pace.of(0.1)))
    async with app.run_test() as pilot:
        await pilot.pause(0.5)
        assert app.screen.snapshot.state.started

asyncio.run(look())
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.process
def test_a_viewer_never_imports_torch(finished: Run) -> None:
    command = [sys.executable, "-c", VIEWER, str(finished.path)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    modules = set(json.loads(shown))
    assert modules.isdisjoint({"torch", "safetensors", "ptbterm.model", "ptbterm.inference", "ptbterm.training"})
