"""Killed anywhere, or with any write failing, a resumed run ends with the same bits and the same events."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process


HERE = Path(__file__).parent
WAYS = ("FAIL_ONCE", "FAIL_FOR_GOOD", "KILL", "CUT_POWER")


def disturb(*arguments: str | Path, preload: str = "") -> str:
    """Run disturbed.py, which fails if any run ends differently; return its output."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "LD_PRELOAD": preload}
    command = [sys.executable, "-m", "tests.training.disturbed", *arguments]
    done = subprocess.run(command, env=os.environ | paths, check=False, capture_output=True, text=True)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of faults.c, compiled; the test is skipped where that can't be done."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or not compiler:
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("shim") / "faults.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "faults.c", "-ldl"], check=True)
    return str(library)


def test_killed_ten_times_at_random_moments(tmp_path: Path) -> None:
    assert "seed 1: 10 kills in " in disturb("kills", tmp_path, "--times", "10", "--seed", "1")


def test_write_calls_go_wrong(tmp_path: Path, shim: str) -> None:
    lines = disturb("faults", tmp_path, *WAYS, "--every", "13", preload=shim).splitlines()
    assert [line.split(":")[0] for line in lines] == list(WAYS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "2"])
def test_killed_a_hundred_times_at_random_moments(tmp_path: Path, seed: str) -> None:
    assert f"seed {seed}: 100 kills in " in disturb("kills", tmp_path, "--times", "100", "--seed", seed)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_every_write_call_goes_wrong(tmp_path: Path, shim: str, way: str) -> None:
    assert f"{way}: " in disturb("faults", tmp_path, way, preload=shim)
