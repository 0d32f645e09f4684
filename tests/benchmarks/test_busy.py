"""`python -m benchmarks.busy` at tiny sizes: every task under every load, and no busy process left."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.load import busy_processes
from ptbterm import environment

ROOT = Path(__file__).parents[2]
TINY = ("model.hidden_size=4", "training.batch_size=2", "training.num_steps=3", "training.threads=1")


@pytest.mark.process
def test_every_task_under_every_load(tmp_path: Path, corpus: Path) -> None:
    results = tmp_path / "results.json"
    command = [sys.executable, "-m", "benchmarks.busy", str(corpus), "--json", str(results), "--loads", "0,1"]
    command += ["--times", "1", "--answers", "2", "--windows", "2"]
    command += [argument for change in TINY for argument in ("--set", change)]
    variables = {name: value for name, value in os.environ.items() if name not in environment.WAIT_VARIABLES}
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=variables, check=False)
    assert ended.returncode == 0, ended.stderr
    document = json.loads(results.read_text())
    rows = document["rows"]
    assert f"GOMP_SPINCOUNT={environment.SPIN_COUNT}" in document["machine"]
    tasks = ["step", "kept context", "new context of 5 words", "new context of 200 words"]
    measured = [(row["busy processes"], row["task"]) for row in rows]
    assert measured == [(load, task) for load in (0, 1) for task in tasks]
    assert all(row["ptbterm ms"] > 0 and row["textbook ms"] > 0 for row in rows)


@pytest.mark.process
def test_busy_processes_end_with_an_error() -> None:
    with pytest.raises(ZeroDivisionError), busy_processes(2):  # noqa: PT012
        children = psutil.Process().children()
        assert len(children) >= 2
        1 / 0  # noqa: B018
    assert not any(child.is_running() for child in children)
