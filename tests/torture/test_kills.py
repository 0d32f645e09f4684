"""A share of the strikes of `python -m tests.torture.kills`, and of the crowds of `crowd`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.slow
@pytest.mark.parametrize("driver", ["kills --strikes 60", "crowd --times 3"])
def test_what_killed_and_crowded_commands_leave_is_whole(tmp_path: Path, driver: str) -> None:
    name, *options = driver.split()
    command = [sys.executable, "-m", f"tests.torture.{name}", str(tmp_path), *options, "--seed", "7"]
    if ptb := os.environ.get("PTBTERM_TEST_PTB"):
        command += ["--ptb", ptb]
    done = subprocess.run(command, env=os.environ | ENVIRONMENT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
