"""A new event on the dashboard touches three files: its class, its line in the state, a panel."""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ptbterm

PACKAGE = Path(ptbterm.__file__).parent
CLASS = """class Overheated(Event, frozen=True, kw_only=True, tag="overheated"):
    \"\"\"The machine is too hot; `celsius` is its temperature.\"\"\"

    celsius: float


"""
CASE = """            case Overheated():
                changes = {"heat": event}
"""
LINE = """    if run.state.heat:
        rows.append(line(f"{run.state.heat.celsius:.0f} C"))
"""
CHANGES = {
    "runs/events.py": {"AnyEvent = (": CLASS, "    | RunFailed\n": "    | Overheated\n"},
    "runs/state.py": {
        "    RunAdapted,\n": "    Overheated,\n",
        "    warnings: tuple[Warned, ...] = ()\n": "    heat: Overheated | None = None\n",
        "            case Warned():\n": CASE,
    },
    "terminal/screens/dashboard/speed.py": {"    return [*rows, *_machine_lines(run, symbols)]": LINE},
}
"""What is added to each file, before which of its lines."""
SHOWN = """
import asyncio, sys
from pathlib import Path
from ptbterm.runs.events import Overheated, Progress
from ptbterm.runs.journal import Journal
from ptbterm.runs.run import Run
from ptbterm.runs.watched import WatchedRun
from ptbterm.terminal.app import PtbtermApp
from ptbterm.terminal.screens.dashboard.screen import DashboardScreen
from ptbterm.terminal.screens.dashboard.watcher import Pace
from tests.terminal.piloted_screen import PilotedScreen
from tests.terminal.watched_runs import make_run, story

async def show() -> None:
    run = make_run(Path(sys.argv[1]), story(1.5))
    Journal(run.events_file, lambda _: None).append(Overheated(celsius=93.2))
    async with PtbtermApp(DashboardScreen(WatchedRun(run), Pace.of(0.1))).run_test(size=(140, 42)) as pilot:
        await PilotedScreen(pilot).until("93 C")

asyncio.run(show())
"""


def files_of(package: Path) -> list[Path]:
    return [file.relative_to(package) for file in package.rglob("*") if file.suffix in {".py", ".tcss", ".toml"}]


@pytest.mark.process
def test_a_toy_event_is_shown_after_changes_in_three_files(tmp_path: Path) -> None:
    copy = tmp_path / "source" / "ptbterm"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, additions in CHANGES.items():
        text = (copy / name).read_text()
        for place, added in additions.items():
            assert text.count(place) == 1, (name, place)
            text = text.replace(place, added + place)
        (copy / name).write_text(text)
    _, changed, _ = filecmp.cmpfiles(PACKAGE, copy, map(str, files_of(PACKAGE)), shallow=False)
    assert sorted(changed) == sorted(CHANGES)
    environment = os.environ | {"PYTHONPATH": f"{copy.parent}:{PACKAGE.parent}"}
    command = [sys.executable, "-P", "-c", SHOWN, str(tmp_path / "runs")]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, timeout=120)
