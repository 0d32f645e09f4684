"""A share of the strikes of `python -m tests.torture.signals`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.slow
def test_struck_trainings_end_with_the_same_bits(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.torture.signals", str(tmp_path), "--strikes", "120", "--seed", "7"]
    if ptb := os.environ.get("PTBTERM_TEST_PTB"):
        command += ["--ptb", ptb]
    done = subprocess.run(command, env=os.environ | ENVIRONMENT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "120 strikes in " in done.stdout
