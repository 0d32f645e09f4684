"""Run directories to test with."""

from pathlib import Path

from ptbterm.runs.catalog import create_run
from ptbterm.runs.run import Run
from tests.examples.events import ODD_RECORD


def make(runs: Path, name: str) -> Run:
    return create_run(runs, name, ODD_RECORD, "the\n<unk>\n<eos>\n")
