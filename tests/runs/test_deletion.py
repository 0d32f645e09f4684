"""A run is deleted, or listed with what is left of it; a new one appears whole or not at all."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.runs.catalog import create_run, delete_run, delete_unstarted, finish_deletions, list_runs
from ptbterm.runs.run import Run
from tests.examples.events import ODD_RECORD
from tests.runs.run_examples import make


@pytest.fixture
def undeletable(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run with a file of another user."""
    run = make(runs, "theirs")
    run.last_checkpoint.write_bytes(b"")
    remove = os.unlink

    def unlink(path: str, *arguments: object, **options: Any) -> None:
        if os.fsdecode(path).endswith("last.safetensors"):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)
        remove(path, *arguments, **options)

    monkeypatch.setattr(os, "unlink", unlink)
    return run


def test_a_run_that_cannot_be_deleted_is_listed_again(runs: Path, undeletable: Run) -> None:
    with pytest.raises(PtbtermError) as error:
        delete_run(undeletable)
    assert list_runs(runs) == [undeletable]
    assert undeletable.read_record()
    assert f"could not be deleted: {undeletable.last_checkpoint}: Operation not permitted." in str(error.value)


def test_an_interrupted_deletion_is_finished(runs: Path) -> None:
    doomed = make(runs, "doomed").path.rename(runs / ".doomed.deleted")
    assert list(finish_deletions(runs)) == []  # it may be going on
    assert list(finish_deletions(runs, idle_seconds=0)) == ["Finished the interrupted deletion of run doomed."]
    assert not doomed.exists()


def test_an_interrupted_deletion_that_cannot_be_finished_is_listed_again(runs: Path, undeletable: Run) -> None:
    undeletable.path.rename(runs / ".theirs.deleted")
    (sentence,) = finish_deletions(runs, idle_seconds=0)
    assert f"could not be deleted: {undeletable.last_checkpoint}: Operation not permitted." in sentence
    assert list_runs(runs) == [undeletable]


def test_a_new_run_that_did_not_start_is_deleted_but_no_other_in_its_place(runs: Path) -> None:
    run = make(runs, "first")
    created = run.path.lstat()
    renamed = Run(run.path.rename(runs / "renamed"))
    make(runs, "first")
    delete_unstarted(run, created)
    assert list_runs(runs) == [run, renamed]
    delete_unstarted(renamed, created)
    assert list_runs(runs) == [run]


def test_a_run_that_cannot_be_filled_does_not_appear(runs: Path) -> None:
    def fill(_: Run) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space left on device") as error:
        create_run(runs, "adapted", ODD_RECORD, "a\n", fill=fill)
    assert error.value.filename == str(runs / "adapted")
    assert list(runs.iterdir()) == []
