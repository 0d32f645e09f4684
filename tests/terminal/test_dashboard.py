"""The dashboard as people use it: the keys that they press, and what the screen then shows."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.events import AnyEvent, RunFailed, RunStopped, Warned
from ptbterm.runs.journal import Journal, NewEvents, encode
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.screens.dashboard.watcher import Pace
from ptbterm.terminal.text.symbols import ASCII, UNICODE, Symbols
from tests.terminal.piloted_screen import PilotedScreen
from tests.terminal.watched_runs import FINISHED, STARTED, TEST, glimpse, make_run, story, time_of

NARROW, WIDE, HUGE = (80, 24), (140, 42), (250, 70)
PACE = Pace(events=0.05, curve=0.2, clock=0.2)


@asynccontextmanager
async def watching(
    run: Run, size: tuple[int, int] = NARROW, *, symbols: Symbols = UNICODE, exit_when_done: bool = False
) -> AsyncIterator[PilotedScreen]:
    watched = WatchedRun(run, now=lambda: time_of(130))
    app = PtbtermApp(DashboardScreen(watched, PACE, symbols, exit_when_done=exit_when_done))
    async with app.run_test(size=size, notifications=True) as pilot:
        seen = PilotedScreen(pilot)
        await seen.until("Leave")
        yield seen


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Run]:
    """A run in its third epoch, with a trainer: this process holds its lock."""
    run = make_run(tmp_path / "runs", story(2.4))
    with as_trainer(run):
        yield run


@pytest.fixture
def finished(tmp_path: Path) -> Run:
    return make_run(tmp_path / "runs", [*story(4), TEST, FINISHED])


async def test_at_a_glance_in_80_by_24(running: Run) -> None:
    async with watching(running) as screen:
        text = await screen.until("words/s")
        for fact in (
            "small-ptb  ● running  Penn Treebank · cpu, 2 threads",
            "epoch 3 of 4",
            r"60 % \d:\d\d left, \d\d:\d\d",
            r"\[1 Perplexity\] 2 Epochs",
            "── train 105.1   ◆ valid 126.0   ★ best 126.0, epoch 2",
            "┄ TensorFlow small 115.9",
            "9,119 words/s",
            "mean 9,190",
            "rate 0.33   gradient 4.1",
            "this is an …",
            "‹unk› ",
            "q Leave  s Stop…  1-6 Panel  z Zoom  ←→ Inspect  c Chat  ? Help",
        ):
            assert re.search(fact if "\\" in fact else re.escape(fact), text), fact
        assert len(text.splitlines()) == 24
        assert all(len(row) <= 80 for row in text.splitlines())


@pytest.mark.parametrize("size", [WIDE, HUGE])
async def test_two_columns_where_there_is_room(running: Run, size: tuple[int, int]) -> None:
    async with watching(running, size) as screen:
        text = await screen.until("seed 7")
        for panel in ("1 Perplexity", "2 Epochs", "3 Speed", "4 Words"):
            assert panel in text
        assert ("5 Settings" in text) == (size is HUGE)
        assert "4.7 M parameters · seed 7" in text
        assert "it writes “the company said it rose N % ⏎”" in text


@pytest.mark.parametrize(
    ("digit", "shows"),
    [
        ("2", "★ best"),
        ("3", "gradient norm 4.1 (clip 5)"),
        ("4", "it writes"),
        ("5", "vocabulary_size"),
        ("6", "The log is empty"),
    ],
)
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_digit_goes_to_a_panel(running: Run, size: tuple[int, int], digit: str, shows: str) -> None:
    async with watching(running, size) as screen:
        await screen.press(digit)
        await screen.until(re.escape(shows))


async def test_the_same_digit_again_zooms_and_restores(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        assert "3 Speed" in await screen.press("2")
        assert "3 Speed" not in await screen.press("2")
        assert "3 Speed" in await screen.press("2")


async def test_zoom_hide_and_show_all(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        assert "2 Epochs" not in await screen.press("z")
        assert "2 Epochs" in await screen.press("escape")
        text = await screen.press("4", "x")
        assert "4 Words" not in text
        assert "3 Speed" in text
        assert "4 Words" in await screen.press("0")


async def test_inspection_walks_along_the_curve(running: Run) -> None:
    async with watching(running) as screen:
        assert "epoch 2.38  train 105.1  9,119 words/s  rate 0.33" in await screen.press("left")
        assert "epoch 2.36" in await screen.press("left")
        assert "epoch 2.16" in await screen.press("shift+left")
        assert "epoch 0.00" in await screen.press("home")
        assert "epoch 0.02" in await screen.press("right")
        assert "epoch 2.38" in await screen.press("end")
        assert "★ best" in await screen.press("escape")


async def test_the_mouse_inspects_the_nearest_point(running: Run) -> None:
    async with watching(running) as screen:
        await screen.pilot.click("#perplexity", offset=(9 + 35, 5))
        await screen.until(r"epoch 1\.9\d|epoch 2\.0\d")


async def test_enter_inspects_the_end_of_an_epoch(running: Run) -> None:
    async with watching(running) as screen:
        assert "▸   2" in await screen.press("2", "down")
        assert "▸   1" in await screen.press("up")
        assert "epoch 1.00" in await screen.press("enter")


async def test_span_axis_and_guides(running: Run) -> None:
    async with watching(running) as screen:
        assert "log axis" in screen.text
        assert "linear axis" in await screen.press("l")
        assert "TensorFlow small" not in await screen.press("g")
        await screen.press("e", "e")
        await screen.until(r"┬2\.2")


async def test_help_lists_the_keys_that_the_screen_has(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        text = await screen.press("question_mark")
        for what in ("Stop training after this window and save", "Ten points at once", "Save a picture"):
            assert what in text
        assert "Stop training after" not in await screen.press("escape")


async def test_the_palette_has_the_actions_and_the_themes(running: Run) -> None:
    async with watching(running, WIDE) as screen:
        for word, finds in (("guides", "Show or hide published results"), ("theme", "Change the colors")):
            await screen.press("ctrl+p", *word)
            await screen.until(finds)
            await screen.press("escape")


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
        assert "Stop after this window and save?" in await screen.press("s")
        for key in ("n", "enter", "escape"):
            assert "Stop after this window" not in await screen.press(key)
            assert "● running" in screen.text
            await screen.press("s")


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
        assert "finished-before" in await screen.press("o")
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
