"""Signals that ask a trainer to stop, also while another one is being handled."""

import subprocess
import sys

import pytest

DURING_A_HANDLER = """
import signal, sys
from ptbterm.cli.interrupts import stop_on_signals

with stop_on_signals() as stop:
    def another(frame, event, argument):
        if event == "c_return":  # of a lock, for example
            signal.raise_signal(signal.SIGHUP)

    sys.setprofile(another)
    signal.raise_signal(signal.SIGHUP)
    sys.setprofile(None)
    print(stop.is_set())
"""


@pytest.mark.process
def test_a_signal_while_another_is_handled() -> None:
    """A closing terminal sends several at once."""
    program = [sys.executable, "-c", DURING_A_HANDLER]
    ended = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "True\n")
    assert ended.stderr == "Stopping after the current window...\n"
