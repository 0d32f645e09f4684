"""The runs in a folder: naming, creating, listing, finding and deleting them."""

import difflib
import hashlib
import os
import re
import secrets
import shutil
import string
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from ptbterm.errors import NextStep, PtbtermError, UsageError
from ptbterm.files import is_at, is_file, new_folder
from ptbterm.runs.lock import is_training
from ptbterm.runs.record import RunRecord
from ptbterm.runs.run import Run

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DELETED = ".deleted"
_VALID = "at most 100 letters, digits, dots, dashes and underscores, starting with a letter or digit"

IDLE_SECONDS = 60.0
"""A deletion that has removed nothing for this time was interrupted."""


def is_run_name(name: str) -> bool:
    """Return whether a run may have that name, which shells complete and people paste: no special characters."""
    return _NAME.fullmatch(name) is not None


def run_name(preset: str, corpus: str, today: date) -> str:
    """Return a new name such as small-ptb-2026-11-23-k3f9; `corpus` is demo, ptb or a path."""
    ending = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(4))
    parts = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-")[:30] for part in (preset, Path(corpus).stem))
    return "-".join([*filter(None, parts), today.isoformat(), ending])


def unused_run(runs: Path, name: str) -> Run:
    """Return the run of that name, without creating it; raises `PtbtermError` if the name is taken or invalid."""
    if not is_run_name(name):
        raise UsageError(f"{name!r} is not a valid name for a run.", f"Use {_VALID}.")
    run = Run(runs / name)
    if run.path.exists():
        raise _taken(run)
    return run


def _taken(run: Run) -> PtbtermError:
    hint = "Choose another name."
    if not is_file(run.settings_file):
        return PtbtermError(f"{run.path} already exists and is not a run.", hint)
    message = f"A run named {run.name} already exists."
    return PtbtermError(message, hint, next_step=NextStep.RESUME_THAT, run=run.name)


def create_run(
    runs: Path,
    name: str,
    record: RunRecord,
    vocabulary: str,
    word_counts: Iterable[int] = (),
    fill: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Create the directory of a new run, atomically; `fill` writes more files into it before it appears.

    `vocabulary` is the text of vocabulary.txt, `word_counts` the count of each of its words in the training text.
    The vocabulary's checksum goes into the record, which ties the two files together. Raises like `unused_run`,
    also where another process creates a run of that name at the same moment.
    """
    run = unused_run(runs, name)
    text = vocabulary.encode()
    facts = msgspec.structs.replace(record.run, vocabulary_sha256=hashlib.sha256(text).hexdigest())
    try:
        with new_folder(run.path) as temporary:
            new = Run(temporary)
            new.last_checkpoint.parent.mkdir()
            new.write_record(msgspec.structs.replace(record, run=facts))
            new.vocabulary_file.write_bytes(text)
            new.word_counts_file.write_text("".join(f"{count}\n" for count in word_counts), encoding="utf-8")
            fill(new)
    except FileExistsError:
        raise _taken(run) from None
    return run


def list_runs(runs: Path) -> list[Run]:
    """Return the runs in a folder, sorted by name, without half-created ones and invalid names.

    A folder without permission to enter is included: reading it raises an error with the reason.
    """
    try:
        candidates = [Run(path) for path in sorted(runs.iterdir()) if is_run_name(path.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [run for run in candidates if _is_closed(run.path) or is_file(run.settings_file)]


def _is_closed(path: Path) -> bool:
    return path.is_dir() and not os.access(path, os.X_OK)


def find_run(runs: Path, wanted: str | None) -> Run:
    """Return the run of that name, unique prefix or path; without one, the newest with a checkpoint.

    Raises `PtbtermError` if no run matches, if the prefix is ambiguous, or if the folder's name is invalid.
    """
    existing = list_runs(runs)
    if wanted is None:
        return _newest(existing)
    matches = [run for run in existing if run.name == wanted] or [
        run for run in existing if wanted and run.name.startswith(wanted)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(run.name for run in matches)
        raise PtbtermError(
            f"{wanted!r} is ambiguous: it matches {len(matches)} runs: {names}.", "Type more of the name."
        )
    if wanted and is_file(Run(Path(wanted)).settings_file):
        return _named(_absolute(Path(wanted)))
    near = difflib.get_close_matches(wanted, [run.name for run in existing], n=1)
    raise PtbtermError(
        f"No run named {wanted!r} in {runs}.",
        f"Did you mean {near[0]}?" if near else "",
        next_step=NextStep.LIST_RUNS if existing else NextStep.TRAIN_DEMO,
    )


def _named(path: Path) -> Run:
    if not is_run_name(path.name):
        raise PtbtermError(f"{path.name!r} is not a valid name for a run.", f"Rename its folder to {_VALID}.")
    return Run(path)


def _absolute(path: Path) -> Path:
    """Return an absolute path, resolved except for a link at its end: deleting that run deletes the link alone."""
    path = path.absolute()
    return path.resolve() if path.name == ".." else path.parent.resolve() / path.name


def _newest(runs: list[Run]) -> Run:
    trained = [run for run in runs if last_saved(run)]
    if not trained:
        for run in runs:
            is_file(run.last_checkpoint)  # raises an error if we may not know
        raise PtbtermError("No trained model found.", next_step=NextStep.TRAIN_DEMO)
    return max(trained, key=last_saved)


def delete_run(run: Run) -> None:
    """Delete a run's directory, never through a link: a run that is a link loses the link alone.

    If a file can't be deleted, the run stays listed, with what is left of it, and `PtbtermError` names the file.
    """
    if run.path.is_symlink():
        run.path.unlink()
        return
    doomed = run.path.with_name(f".{run.name}{_DELETED}")
    _delete_tree(doomed)  # the remains of a deletion that was killed
    run.path.rename(doomed)  # at once invisible, however long the rest takes
    try:
        _delete_tree(doomed)
    except OSError as error:
        doomed.rename(run.path)
        raise _undeletable(run, doomed, error) from error


def finish_deletions(runs: Path, idle_seconds: float = IDLE_SECONDS) -> Iterator[str]:
    """Finish the deletions of runs that were interrupted, `idle_seconds` ago or more; yield a sentence about each.

    A run that can't be deleted is listed again, unless its name is taken by now.
    """
    for doomed in sorted(runs.glob(f".*{_DELETED}")):
        name = doomed.name[1:].removesuffix(_DELETED)
        if doomed.is_symlink() or not is_run_name(name) or time.time() - _modified(doomed) < idle_seconds:
            continue
        try:
            _delete_tree(doomed)
            yield f"Finished the interrupted deletion of run {name}."
        except OSError as error:
            if not (runs / name).exists():
                doomed.rename(runs / name)
            yield _undeletable(Run(runs / name), doomed, error).message


def _delete_tree(folder: Path) -> None:
    """Delete a run's files, its settings last: without them it would not be listed. A missing one is deleted."""
    settings = Run(folder).settings_file
    for path in [*(path for path in sorted(folder.glob("*")) if path != settings), settings, folder]:
        with suppress(FileNotFoundError):
            if path.is_dir() and not path.is_symlink() and path != folder:
                shutil.rmtree(path, onerror=_name_undeletable)
            elif path == folder:
                path.rmdir()
            else:
                path.unlink()


def _name_undeletable(_function: object, path: str, raised: Any) -> None:
    """Raise the error of `shutil.rmtree` with the whole path, of which some Pythons give only a part."""
    error = raised[1]
    if not isinstance(error, FileNotFoundError):
        raise OSError(error.errno, error.strerror, path)


def _undeletable(run: Run, doomed: Path, error: OSError) -> PtbtermError:
    """Return an error that names the file where it is again, no longer in `doomed`."""
    file = str(error.filename).replace(str(doomed), str(run.path))
    return PtbtermError(
        f"Run {run.name} could not be deleted: {file}: {error.strerror}. What is left is listed again.",
        "Its files may belong to another user or be write-protected: check with ls -l, then delete it again.",
    )


def delete_unstarted(run: Run, folder: os.stat_result) -> None:
    """Delete a new run, created as `folder`, whose training failed before its first event; keep any other run."""
    if is_at(run.path, folder) and not run.events_file.exists() and not is_training(run):
        delete_run(run)


def latest_first(runs: Iterable[Run]) -> list[Run]:
    """Return the runs, the most recently active first."""
    return sorted(runs, key=last_active, reverse=True)


def last_active(run: Run) -> float:
    """Return the time of a run's last event in seconds since 1970; 0 if unknown."""
    return _modified(run.events_file) or _modified(run.settings_file)


def last_saved(run: Run) -> float:
    """Return the time of a run's last checkpoint in seconds since 1970; 0 if it has none."""
    return max(_modified(file) for file in (run.last_checkpoint, run.previous_checkpoint))


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
