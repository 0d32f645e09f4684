"""auto, demo, ptb or a path: which text is used, and the notices about it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ptbterm import environment
from ptbterm.corpus import demo
from ptbterm.corpus.penn_treebank import FINGERPRINT, SHA256
from ptbterm.corpus.sources import CorpusText, find_corpus
from ptbterm.corpus.text_files import SPLITS, TextSplit, fingerprint
from ptbterm.errors import PtbtermError

Fetch = Callable[[Path], None]


def write_stand_ins(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in SHA256:
        (folder / name).write_text(f"{name}\n")


def cannot_fetch(_: Path) -> None:
    raise PtbtermError("No network.")


def must_not_fetch(folder: Path) -> None:
    raise AssertionError(f"{folder} should not be fetched.")


def find(source: str | Path, fetch: Fetch = must_not_fetch) -> tuple[CorpusText, list[str]]:
    """Find a corpus; return it with the notices."""
    notices: list[str] = []
    return find_corpus(str(source), environment.corpora(), fetch, notices.append), notices


def test_demo() -> None:
    text, notices = find("demo")
    assert (text.name, text.title, text.is_demo) == ("demo", "demo corpus", True)
    assert {split.sha256 for split in text.splits.values()} == set(demo.SHA256.values())
    assert notices == []


@pytest.mark.parametrize("source", ["auto", "ptb"])
def test_penn_treebank_is_fetched(source: str) -> None:
    text, notices = find(source, write_stand_ins)
    assert (text.name, text.title, text.is_demo) == ("ptb", "Penn Treebank", False)
    assert [" ".join(words) for words in text.splits["valid"].sentences()] == ["ptb.valid.txt <eos>"]
    assert notices == []


@pytest.mark.parametrize("source", ["auto", "ptb"])
def test_installed_penn_treebank(ptb: Path, source: str) -> None:
    environment.corpora().mkdir(parents=True)
    (environment.corpora() / "ptb").symlink_to(ptb)
    text, notices = find(source)
    assert (text.name, text.title, notices) == ("ptb", "Penn Treebank", [])


def test_auto_without_a_network_is_the_demo_corpus_and_says_so() -> None:
    text, notices = find("auto", cannot_fetch)
    assert text == find("demo")[0]
    assert notices == ["No network. Using the demo corpus instead."]


def test_ptb_without_a_network_fails() -> None:
    with pytest.raises(PtbtermError, match=r"^No network\.$"):
        find("ptb", cannot_fetch)
    assert not environment.corpora().exists()


@pytest.mark.parametrize("source", ["{home}/stories", "stories", "./stories/", "x/../stories", "~/stories"])
def test_own_text_has_one_name_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    write_stand_ins(tmp_path / "stories")
    text, notices = find(source.format(home=tmp_path))
    assert (text.name, text.title, text.is_demo) == (str(tmp_path / "stories"), "stories", False)
    assert notices == []


def test_folder_called_demo_is_reached_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_stand_ins(tmp_path / "demo")
    assert not find("./demo")[0].is_demo
    assert find("demo")[0].is_demo


def test_own_copy_of_the_penn_treebank_is_called_that(ptb: Path) -> None:
    text, _ = find(ptb)
    assert (text.name, text.title) == (str(ptb.resolve()), "Penn Treebank")
    assert text.is_penn_treebank


def test_the_fingerprint_of_the_penn_treebank_is_that_of_its_three_files() -> None:
    splits = {split: TextSplit(Path(f"ptb.{split}.txt"), SHA256[f"ptb.{split}.txt"]) for split in SPLITS}
    assert fingerprint(splits) == FINGERPRINT


@pytest.mark.parametrize("name", ["Penn Treebank", "penn treebank", "demo corpus", "Demo Corpus"])
def test_other_text_does_not_pass_for_a_known_one_by_its_name(tmp_path: Path, name: str) -> None:
    write_stand_ins(tmp_path / name)
    text, _ = find(tmp_path / name)
    assert text.title == f"{name} (own text)"
    assert not text.is_penn_treebank
    assert not text.is_demo


def test_the_penn_treebank_with_its_splits_exchanged_is_another_text(ptb: Path, tmp_path: Path) -> None:
    for name, other in (("train", "train"), ("valid", "test"), ("test", "valid")):
        (tmp_path / f"{name}.txt").symlink_to(ptb / f"ptb.{other}.txt")
    text, _ = find(tmp_path)
    assert text.title == tmp_path.name
    assert not text.is_penn_treebank


@pytest.mark.parametrize("source", ["no/such/text", "~no-such-person/text"])
def test_no_such_text(source: str) -> None:
    with pytest.raises(PtbtermError, match=rf"^No corpus found at /.*/{re.escape(source)}\.$"):
        find(source)


def test_fingerprint_changes_with_the_text(tmp_path: Path) -> None:
    write_stand_ins(tmp_path / "text")
    before, _ = find(tmp_path / "text")
    assert find(tmp_path / "text")[0] == before
    (tmp_path / "text/ptb.test.txt").write_text("other\n")
    after, _ = find(tmp_path / "text")
    assert after.fingerprint != before.fingerprint
    assert after.name == before.name
