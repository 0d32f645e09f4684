"""A trainer whose run is no longer at its place writes nothing more."""

import shutil
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import create_run
from ptbterm.runs.journal import Journal
from ptbterm.runs.lock import as_trainer
from ptbterm.runs.run import Run
from tests.examples.events import FINISHED, RECORD, STARTED


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(tmp_path / "runs", "first", RECORD, "a\n")


@pytest.mark.parametrize("change", ["renamed", "replaced", "deleted", "lock removed", "lock replaced"])
def test_a_trainer_whose_run_was_taken_away_writes_nothing(run: Run, change: str) -> None:
    """It may have slept, after Ctrl-Z or in a closed laptop, while its run was renamed and another one made."""
    elsewhere = run.path.with_name("elsewhere")
    with as_trainer(run) as check_in_place:
        journal = Journal(run.events_file, lambda _: None, check=check_in_place)
        journal.append(STARTED)
        written = run.events_file.read_bytes()
        match change:
            case "renamed" | "replaced":
                run.path.rename(elsewhere)
                if change == "replaced":
                    shutil.copytree(elsewhere, run.path)
            case "deleted":
                shutil.rmtree(run.path)
            case _:
                run.lock_file.unlink()
                if change == "lock replaced":
                    run.lock_file.touch()
        with pytest.raises(PtbtermError, match="was renamed, replaced or deleted while it was training"):
            journal.append(FINISHED)
    for place in (elsewhere, run.path):
        if place.exists():
            assert Run(place).events_file.read_bytes() == written


def test_a_run_that_is_moved_back_trains_on(run: Run) -> None:
    with as_trainer(run) as check_in_place:
        run.path.rename(run.path.with_name("elsewhere"))
        run.path.with_name("elsewhere").rename(run.path)
        check_in_place()
