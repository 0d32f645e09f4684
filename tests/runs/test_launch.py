"""Trainers that are started detached from the terminal."""

import os
import time
from pathlib import Path

import pytest

from ptbterm.runs.launch import start_detached

pytestmark = pytest.mark.process


def test_a_failed_launch_returns_its_output(home: Path) -> None:
    launch = start_detached(["train", "--preset", "smal", "--view", "log"])
    launch.process.wait()
    assert launch.has_failed()
    assert "Did you mean small?" in launch.complaint()


def test_a_launch_has_a_session_of_its_own(home: Path) -> None:
    launch = start_detached(["presets"])
    assert os.getsid(launch.process.pid) == launch.process.pid != os.getsid(0)
    while launch.is_alive():
        time.sleep(0.01)
    assert not launch.has_failed()
    launch.complaint()
