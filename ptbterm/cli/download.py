"""`ptbterm download`: downloads the Penn Treebank, with progress on stderr."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptbterm import environment
from ptbterm.terminal.text.safe_text import visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ptbterm.corpus.download.transfer import Transfer


class DownloadableCorpus(StrEnum):
    """The corpora that can be downloaded."""

    PTB = "ptb"


def command(
    corpus: Annotated[DownloadableCorpus, typer.Argument(help="The corpus to download.")] = DownloadableCorpus.PTB,
    url: Annotated[
        list[str] | None,
        typer.Option(
            help="Address of an archive, or of a folder with the three files; repeatable, tried in order."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Download even if it is installed.")] = False,
) -> None:
    """Download, verify and unpack the Penn Treebank; an interrupted download is resumed."""
    from ptbterm.corpus import penn_treebank

    folder = environment.corpora() / corpus.value
    if not force and penn_treebank.is_installed(folder):
        print("The Penn Treebank is already installed; --force downloads it again.", file=sys.stderr)
    else:
        fetch_with_progress(folder, url or penn_treebank.SOURCES)
    print(f"Penn Treebank: {visible(str(folder))} ({len(penn_treebank.SHA256)} files verified)")


def fetch_with_progress(folder: Path, sources: Sequence[str]) -> None:
    """Install the Penn Treebank in `folder` from one of `sources`, with a progress bar or lines on stderr.

    Raises like `install`.
    """
    from ptbterm.corpus.download.install import install

    with _display() as display:
        try:
            install(folder, sources, display.show, display.print_line)
        except KeyboardInterrupt:
            display.print_line("Interrupted. Run the same command to resume.")
            raise


@contextmanager
def _display() -> Iterator["_Bars | _Lines"]:
    if not sys.stderr.isatty() or not environment.allows_screens():
        yield _Lines(set())
        return

    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as bars:
        yield _Bars(bars, {})


@dataclass(frozen=True)
class _Bars:
    """Progress on a terminal: one bar per file, with speed and time left."""

    bars: "Progress"
    tasks: dict[str, "TaskID"]

    def show(self, transfer: "Transfer") -> None:
        done, total = transfer.done_bytes, transfer.total_bytes
        if transfer.url not in self.tasks:
            name = visible(transfer.name)
            self.tasks[transfer.url] = self.bars.add_task(name, completed=done, total=total)
        self.bars.update(self.tasks[transfer.url], completed=done, total=total)

    def print_line(self, notice: str) -> None:
        from rich.text import Text

        self.bars.console.print(Text(visible(notice)), soft_wrap=True)


@dataclass(frozen=True)
class _Lines:
    """Progress elsewhere: one line when a file starts, one when it is complete."""

    started: set[str]

    def show(self, transfer: "Transfer") -> None:
        done, total = transfer.done_bytes, transfer.total_bytes
        if transfer.url not in self.started:
            self.started.add(transfer.url)
            size = f" ({total:,} bytes)" if total is not None else ""
            self.print_line(
                f"Resuming {transfer.name} at {done:,}{size}" if done else f"Downloading {transfer.name}{size}"
            )
        elif done == total:
            self.print_line(f"Downloaded {transfer.name}")

    def print_line(self, notice: str) -> None:
        print(visible(notice), file=sys.stderr)
