"""`ptbterm download`: fetches the Penn Treebank, and shows on stderr how far it is."""

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
    """The corpora that can be fetched."""

    PTB = "ptb"


def command(
    corpus: Annotated[DownloadableCorpus, typer.Argument(help="The corpus to fetch.")] = DownloadableCorpus.PTB,
    url: Annotated[
        list[str] | None,
        typer.Option(help="An archive, or a folder of the three files, to use instead; give more to try in turn."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Fetch it again, though it is there.")] = False,
) -> None:
    """Fetch, verify and unpack the Penn Treebank; an interrupted download goes on where it was."""
    from ptbterm.corpus import penn_treebank

    folder = environment.corpora() / corpus.value
    if not force and penn_treebank.is_installed(folder):
        print("The Penn Treebank is already there; --force fetches it again.", file=sys.stderr)
    else:
        fetch_with_progress(folder, url or penn_treebank.SOURCES)
    print(f"Penn Treebank: {visible(str(folder))} ({len(penn_treebank.SHA256)} files verified)")


def fetch_with_progress(folder: Path, sources: Sequence[str]) -> None:
    """Make `folder` the Penn Treebank from one of `sources`, with a progress bar, or plain lines, on stderr.

    Raises what `install` raises.
    """
    from ptbterm.corpus.download.install import install

    with _display() as display:
        try:
            install(folder, sources, display.show, display.tell)
        except KeyboardInterrupt:
            display.tell("Interrupted. The same command goes on where this one was.")
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
    """A terminal: one bar a file, with speed and time left."""

    bars: "Progress"
    tasks: dict[str, "TaskID"]

    def show(self, transfer: "Transfer") -> None:
        done, total = transfer.done_bytes, transfer.total_bytes
        if transfer.url not in self.tasks:
            name = visible(transfer.name)
            self.tasks[transfer.url] = self.bars.add_task(name, completed=done, total=total)
        self.bars.update(self.tasks[transfer.url], completed=done, total=total)

    def tell(self, notice: str) -> None:
        from rich.text import Text

        self.bars.console.print(Text(visible(notice)), soft_wrap=True)


@dataclass(frozen=True)
class _Lines:
    """A pipe, a file, a dumb terminal: one line when a file starts, one when it is whole."""

    started: set[str]

    def show(self, transfer: "Transfer") -> None:
        done, total = transfer.done_bytes, transfer.total_bytes
        if transfer.url not in self.started:
            self.started.add(transfer.url)
            size = f" ({total:,} bytes)" if total is not None else ""
            self.tell(
                f"Going on with {transfer.name} at {done:,}{size}" if done else f"Fetching {transfer.name}{size}"
            )
        elif done == total:
            self.tell(f"Fetched {transfer.name}")

    def tell(self, notice: str) -> None:
        print(visible(notice), file=sys.stderr)
