"""A share of what `python -m tests.torture.signals`, `kills` and `crowd` do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("driver", "printed"),
    [
        ("signals --strikes 120", "120 strikes in "),
        ("kills --strikes 60", "seed 7\n"),
        ("crowd --times 3", "seed 7\n"),
    ],
)
def test_what_is_struck_ends_whole(tmp_path: Path, driver: str, printed: str) -> None:
    name, *options = driver.split()
    command = [sys.executable, "-m", f"tests.torture.{name}", str(tmp_path), *options, "--seed", "7"]
    if ptb := os.environ.get("PTBTERM_TEST_PTB"):
        command += ["--ptb", ptb]
    done = subprocess.run(command, env=os.environ | ENVIRONMENT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert printed in done.stdout
