"""Installs the Penn Treebank: from the first source that has it, verified, in one step."""

import math
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from ptbterm import environment
from ptbterm.corpus.checksums import is_intact, sha256_of
from ptbterm.corpus.download.transfer import Fetcher, Patience, Transfer, part_file
from ptbterm.corpus.download.unpack import unpack
from ptbterm.corpus.penn_treebank import SHA256, SOURCES, is_installed
from ptbterm.errors import NextStep, PtbtermError
from ptbterm.files import exclusive_lock, new_folder

_ARCHIVE = re.compile(r"\.(tgz|tar\.gz|tar|zip)$", re.IGNORECASE)
_MAX_ARCHIVE_BYTES = 200_000_000
_MAX_FILE_BYTES = 20_000_000


def install(
    folder: Path,
    sources: Sequence[str] = SOURCES,
    on_progress: Callable[[Transfer], None] = lambda _: None,
    on_notice: Callable[[str], None] = lambda _: None,
    *,
    sums: Mapping[str, str] = SHA256,
    patience: Patience = Patience(),  # noqa: B008 - frozen
) -> None:
    """Download the Penn Treebank into `folder` from the first of `sources` that works; replace what was there.

    An interrupted download leaves its bytes in `.downloads` beside `folder`, where the next one continues. Of two
    downloads at once, one waits for the other. Raises `PtbtermError` if PTBTERM_OFFLINE is set, or with the
    failure of each source.
    """
    if environment.is_offline():
        message = "The Penn Treebank was not downloaded, because PTBTERM_OFFLINE is set."
        raise PtbtermError(message, next_step=NextStep.OTHER_CORPUS)
    folder.parent.mkdir(parents=True, exist_ok=True)
    workplace = folder.parent / ".downloads"
    with _one_at_a_time(folder, on_notice) as had_to_wait:
        installed = is_installed(folder, sums)
        if installed and had_to_wait:
            return
        if folder.exists() and not installed:
            on_notice(f"{folder} is incomplete or damaged: downloading the Penn Treebank again.")
        workplace.mkdir(exist_ok=True)
        try:
            _Download(workplace, sums, Fetcher(on_progress, patience), on_notice).run(sources)
            if not installed:
                _replace(folder, workplace, sums)
            shutil.rmtree(workplace)
        finally:
            with suppress(OSError):
                workplace.rmdir()


@contextmanager
def _one_at_a_time(folder: Path, on_notice: Callable[[str], None]) -> Iterator[bool]:
    """Hold a lock that the system releases if this process dies; yield whether another process held it."""
    lock_file = folder.with_name(f".{folder.name}.lock")
    had_to_wait = False
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(lock_file))
        except BlockingIOError:
            had_to_wait = True
            on_notice("Another ptbterm is downloading the Penn Treebank: waiting for it.")
            stack.enter_context(exclusive_lock(lock_file, math.inf))
        yield had_to_wait


def _replace(folder: Path, workplace: Path, names: Iterable[str]) -> None:
    with suppress(FileExistsError), new_folder(folder) as new:
        for name in names:
            (workplace / name).replace(new / name)
        if folder.exists() or folder.is_symlink():
            folder.replace(Path(mkdtemp(dir=workplace)) / folder.name)


@dataclass(frozen=True)
class _Download:
    """Collects verified files in `workplace`, from any source; none of them is downloaded twice."""

    workplace: Path
    sums: Mapping[str, str]
    fetcher: Fetcher
    on_notice: Callable[[str], None]

    def run(self, sources: Sequence[str]) -> None:
        failures: list[str] = []
        for source in sources:
            try:
                self._download_from(source)
            except PtbtermError as error:
                name = source if source.isprintable() else ascii(source)
                failures.append(f"{name}: {error.message}")
                self.on_notice(failures[-1])
            else:
                return
        message = "\n  ".join(["The Penn Treebank could not be downloaded.", *failures])
        raise PtbtermError(message, next_step=NextStep.OTHER_CORPUS)

    def _download_from(self, source: str) -> None:
        missing = [name for name, sha256 in self.sums.items() if not is_intact(self.workplace / name, sha256)]
        if missing and _ARCHIVE.search(re.split(r"[?#]", source)[0]):
            self._fetch(source, _MAX_ARCHIVE_BYTES, self._accept_archive)
        else:
            for name in missing:
                self._fetch(f"{source.rstrip('/')}/{name}", _MAX_FILE_BYTES, partial(self._accept_file, name))

    def _fetch(self, url: str, max_bytes: int, accept: Callable[[Path], None]) -> None:
        """Download and `accept` a file; if a resumed one is wrong, download it once more from the start."""
        part = part_file(url, self.workplace)
        for is_last_try in (False, True):
            was_resumed = self.fetcher.fetch(url, part, max_bytes)
            try:
                accept(part)
            except PtbtermError as error:
                if is_last_try or not was_resumed:
                    raise
                self.on_notice(f"{url}: {error.message} It was resumed: downloading it again from the start.")
            else:
                return
            finally:
                part.unlink(missing_ok=True)

    def _accept_archive(self, archive: Path) -> None:
        with TemporaryDirectory(dir=self.workplace) as folder:
            unpack(archive, self.sums, Path(folder), _MAX_FILE_BYTES)
            for name in self.sums:
                self._accept_file(name, Path(folder) / name)

    def _accept_file(self, name: str, file: Path) -> None:
        sha256 = sha256_of(file)
        if sha256 != self.sums[name]:
            raise PtbtermError(f"{name} is not the right file: its SHA-256 is {sha256}, not {self.sums[name]}.")
        file.replace(self.workplace / name)
