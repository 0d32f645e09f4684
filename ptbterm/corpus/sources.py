"""Finds the text of a corpus by its name: auto, demo, ptb, or a path."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ptbterm.corpus import penn_treebank
from ptbterm.corpus.demo import ensure_demo_corpus
from ptbterm.corpus.text_files import TextSplit, find_split, find_splits, fingerprint, one_text
from ptbterm.errors import PtbtermError
from ptbterm.files import is_file

DEMO_TITLE, PTB_TITLE = "demo corpus", "Penn Treebank"


@dataclass(frozen=True)
class CorpusText:
    """A corpus on disk: `name` finds it again, `title` is for people, `fingerprint` identifies its text."""

    name: str
    title: str
    splits: dict[str, TextSplit]
    fingerprint: str

    @property
    def is_demo(self) -> bool:
        """Whether the exact probability of every sentence is known."""
        return self.name == "demo"

    @property
    def is_own(self) -> bool:
        """Whether the text is a user's own: neither of the built-in corpora."""
        return not (self.is_demo or self.is_penn_treebank)

    @property
    def is_one_file(self) -> bool:
        """Whether the text is a file of its own, not a folder."""
        return all(str(split.path) == self.name for split in self.splits.values())

    @property
    def is_penn_treebank(self) -> bool:
        """Whether the text is the Penn Treebank's, under any name."""
        return self.fingerprint == penn_treebank.FINGERPRINT


def find_corpus(
    source: str, corpora: Path, fetch: Callable[[Path], None], notify: Callable[[str], None]
) -> CorpusText:
    """Return the corpus that `source` names: auto, demo, ptb, or the path of a folder or a file.

    `fetch` downloads the Penn Treebank into a folder if it is needed and missing. `auto` falls back to the demo
    corpus if that fails, with a notice through `notify`. Raises `PtbtermError` if the corpus is not found.
    """
    if source == "auto":
        try:
            return find_corpus("ptb", corpora, fetch, notify)
        except PtbtermError as error:
            reason = error.message.partition("\n")[0]  # the download has said what failed
            notify(f"{reason} Using the demo corpus instead.")
            return find_corpus("demo", corpora, fetch, notify)
    if source == "demo":
        return _read("demo", DEMO_TITLE, ensure_demo_corpus(corpora))
    if source == "ptb":
        folder = corpora / "ptb"
        if not penn_treebank.is_installed(folder):
            fetch(folder)
        return _read("ptb", PTB_TITLE, folder)
    path = _resolved(source)
    if not _is_utf8(str(path)):
        raise PtbtermError(f"The path {path} is not valid UTF-8.", "Rename it.")
    text = _read(str(path), _own_title(path), path)
    return replace(text, title=PTB_TITLE) if text.is_penn_treebank else text


def find_one_split(source: str, split: str) -> CorpusText:
    """Return a user's own text for one split: a whole file, or that split of a folder, which needs no other."""
    path = _resolved(source)
    text = one_text(path) if is_file(path) else find_split(path, split)
    splits = {split: text}
    return CorpusText(str(path), _own_title(path), splits, fingerprint(splits))


def _resolved(source: str) -> Path:
    if not source:
        raise PtbtermError("The corpus name is empty.", "Use demo, ptb, or the path of a folder or a file.")
    path = Path(source)
    with suppress(RuntimeError):  # from ~name without such a user: not a home folder
        path = path.expanduser()
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # circular links; invalid names
        raise PtbtermError(f"{source} is not a valid path: {error}.") from error


def _own_title(path: Path) -> str:
    """Return the name of a user's own text, marked if it could be mistaken for a built-in corpus."""
    is_taken = path.name.casefold() in {DEMO_TITLE.casefold(), PTB_TITLE.casefold()}
    return f"{path.name} (own text)" if is_taken else path.name


def _is_utf8(name: str) -> bool:
    """Return whether a name can be written to a file; Python decodes invalid bytes as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read(name: str, title: str, path: Path) -> CorpusText:
    splits = find_splits(path)
    return CorpusText(name, title, splits, fingerprint(splits))
