"""Step: the ids of the first window, and the targets beside them."""

import hashlib
from collections.abc import Iterator

import torch

from ptbterm.corpus.windows import count_windows, cut_rows, window
from ptbterm.lessons import notebook
from ptbterm.lessons.checks import holds
from ptbterm.lessons.lesson import Check, Frame, Lesson, Page, Text
from ptbterm.lessons.source import excerpt
from ptbterm.lessons.subject import Subject


def show(subject: Subject) -> Iterator[Page]:
    """Show one row per frame: ids, targets, and their words."""
    inputs, targets = subject.reading.inputs, subject.reading.targets
    batch, steps = inputs.shape
    frames = tuple(
        Frame(
            f"Row {row + 1} of {batch}",
            (
                Text("inputs", _numbers(inputs[row])),
                Text("targets", _numbers(targets[row])),
                Text("read", " ".join(subject.words(inputs[row]))),
            ),
        )
        for row in range(batch)
    )
    windows = count_windows(len(subject.corpus.ids["train"]), batch, steps)
    yield Page(
        f"The stream of ids is cut into {batch} rows that are read side by side, {steps} words at a time: that is "
        "a window. The targets are the same rows one word further on, because at each word the model predicts the "
        "next. The next window continues where this one ends, so each row is one long text.",
        (excerpt(cut_rows), excerpt(window)),
        frames,
        (
            subject.as_in_the_notebook("inputs", f"{(batch, steps)}", f"{notebook.SHAPE}"),
            subject.as_in_the_notebook("first target", f"{int(targets[0, 0])}", f"{notebook.FIRST_TARGET}"),
            subject.as_in_the_notebook(
                f"all {inputs.numel() + targets.numel():,} ids, SHA-256",
                f"{sha256(inputs)[:8]}, {sha256(targets)[:8]}",
                f"{notebook.INPUTS_SHA256[:8]}, {notebook.TARGETS_SHA256[:8]}",
            ),
            _windows_in_an_epoch(subject, windows),
        ),
        walk="row",
    )


def _windows_in_an_epoch(subject: Subject, windows: int) -> Check:
    if windows == notebook.WINDOWS:
        note = f"as the notebook computes; its text says {notebook.WINDOWS_IN_TEXT:,}"
        return holds(f"windows in an epoch: {windows:,}, {note}", true=True)
    return subject.as_in_the_notebook("windows in an epoch", f"{windows:,}", f"{notebook.WINDOWS:,}")


def sha256(ids: torch.Tensor) -> str:
    """Return the sum of ids as little-endian 32-bit numbers, row by row."""
    return hashlib.sha256(ids.numpy().astype("<i4").tobytes()).hexdigest()


def _numbers(ids: torch.Tensor) -> str:
    return " ".join(map(str, ids.tolist()))


LESSON = Lesson("Ids, and the first window", show)
