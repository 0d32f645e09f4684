"""A corpus as ids: encoded once, cached by its fingerprint, and encoded again if the text changes."""

import os
from pathlib import Path

import numpy as np
import pytest

from ptbterm.corpus import encoded
from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import CorpusText, find_corpus
from ptbterm.corpus.vocabulary import read_vocabulary
from ptbterm.errors import PtbtermError
from ptbterm.settings.schema import CorpusSettings

TEXT = {"train.txt": "the cat saw the dog\na <unk>\n", "valid.txt": "a cat saw\n", "test.txt": "the emu sat\n"}
AS_READ = {
    "train": ["the", "cat", "saw", "the", "dog", "<eos>", "a", "<unk>", "<eos>"],
    "valid": ["a", "cat", "saw", "<eos>"],
    "test": ["the", "<unk>", "<unk>", "<eos>"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "text")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "ids"


def write(folder: Path) -> Path:
    folder.mkdir()
    for name, content in TEXT.items():
        (folder / name).write_text(content)
    return folder


def find(path: Path) -> CorpusText:
    def unexpected(_: object) -> None:
        raise AssertionError

    return find_corpus(str(path), path, unexpected, unexpected)


def encode(text: CorpusText, store: Path, size: int = 100, minimum_count: int = 1) -> EncodedCorpus:
    return encode_corpus(text, CorpusSettings(vocabulary_size=size, minimum_count=minimum_count), store)


def as_read(corpus: EncodedCorpus) -> dict[str, list[str]]:
    return {split: [corpus.vocabulary[number] for number in ids] for split, ids in corpus.ids.items()}


def caches(folder: Path) -> list[Path]:
    """Folders that hold a vocabulary, the ids of three splits, and a sum over them."""
    names = {"vocabulary.txt", "reading.json", "train.ids", "valid.ids", "test.ids", "sha256"}
    caches = [place.parent for place in folder.rglob("vocabulary.txt") if not place.parent.is_symlink()]
    assert all({file.name for file in place.iterdir()} == names for place in caches)
    return caches


def test_ids_of_each_split_by_the_words_of_train(folder: Path, store: Path) -> None:
    corpus = encode(find(folder), store)
    assert as_read(corpus) == AS_READ
    assert sorted(corpus.vocabulary) == sorted(set(AS_READ["train"]))


def test_ids_stay_on_disk_and_cannot_be_changed(folder: Path, store: Path) -> None:
    for ids in encode(find(folder), store).ids.values():
        assert isinstance(ids, np.memmap)
        assert ids.dtype == np.int32
        assert not ids.flags.writeable


@pytest.mark.parametrize(("split", "share"), [("train", 1 / 9), ("valid", 0), ("test", 2 / 4)])
def test_unknown_share(folder: Path, store: Path, split: str, share: float) -> None:
    assert encode(find(folder), store).unknown_share(split) == share


def test_second_time_from_the_cache_alone(folder: Path, store: Path) -> None:
    text = find(folder)
    first = encode(text, store)
    assert len(caches(store)) == 1
    for name in TEXT:
        (folder / name).unlink()
    assert as_read(encode(text, store)) == as_read(first) == AS_READ


def test_the_folder_of_the_text_stays_as_it_is(folder: Path, store: Path) -> None:
    encode(find(folder), store)
    assert {file.name for file in folder.iterdir()} == set(TEXT)


def test_the_same_text_in_two_places_has_one_cache(tmp_path: Path, folder: Path, store: Path) -> None:
    for place in (folder, write(tmp_path / "copy")):
        assert as_read(encode(find(place), store)) == AS_READ
    assert len(caches(store)) == 1


def test_another_text_has_another_cache(folder: Path, store: Path) -> None:
    encode(find(folder), store)
    (folder / "valid.txt").write_text("the dog saw the cat\n")
    assert as_read(encode(find(folder), store)) == AS_READ | {
        "valid": ["the", "dog", "saw", "the", "cat", "<eos>"]
    }
    assert len(caches(store)) == 2


def test_the_caches_used_last_are_kept(folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "MAX_CACHES", 2)
    unfinished = store / ".of-another-process.part"
    unfinished.mkdir(parents=True)
    for size in (3, 4, 3, 5):
        encode(find(folder), store, size=size)
    assert {len(read_vocabulary(cache / "vocabulary.txt")) for cache in caches(store)} == {3, 5}
    assert unfinished.exists()


@pytest.mark.parametrize("obstacle", ["file", "link"])
def test_where_there_can_be_no_cache_the_ids_are_temporary(folder: Path, store: Path, obstacle: str) -> None:
    if obstacle == "file":
        store.write_text("")
    else:
        store.symlink_to(folder)
    for _ in range(2):
        assert as_read(encode(find(folder), store)) == AS_READ
    assert {file.name for file in folder.iterdir()} == set(TEXT)


@pytest.mark.parametrize("name", ["train.txt", "test.txt"])
def test_a_text_that_changes_while_it_is_encoded_is_refused(folder: Path, store: Path, name: str) -> None:
    text = find(folder)
    (folder / name).write_text("another text\n")
    with pytest.raises(PtbtermError, match=rf"{name} changed while it was being read\.$"):
        encode(text, store)
    assert caches(store) == []
    assert as_read(encode(find(folder), store)) != AS_READ


def test_a_single_file_that_changes_behind_a_split_is_refused(tmp_path: Path, store: Path) -> None:
    whole = tmp_path / "whole.txt"
    whole.write_text("a b\nc d\ne f\n")
    text = find(whole)
    whole.write_text("a b\nc d\ne g\n")
    with pytest.raises(PtbtermError, match="changed while it was being read"):
        list(text.splits["train"].sentences())


def test_each_limit_on_the_vocabulary_has_a_cache(folder: Path, store: Path) -> None:
    text = find(folder)
    for _ in range(2):
        assert as_read(encode(text, store)) == AS_READ
        assert list(encode(text, store, size=3).vocabulary) == ["<unk>", "<eos>", "the"]
        assert list(encode(text, store, minimum_count=2).vocabulary) == ["<unk>", "<eos>", "the"]
    assert len(caches(store)) == 3


def test_single_files_in_one_folder_have_a_cache_each(tmp_path: Path, store: Path) -> None:
    for name in ("one.txt", "other.txt"):
        (tmp_path / name).write_text(f"a {name}\na\nb\n")
        encode(find(tmp_path / name), store)
    assert len(caches(store)) == 2
    assert as_read(encode(find(tmp_path / "one.txt"), store)) == {
        "train": ["a", "one.txt", "<eos>"],
        "valid": ["a", "<eos>"],
        "test": ["<unk>", "<eos>"],
    }


@pytest.mark.parametrize("file", ["vocabulary.txt", "train.ids", "sha256"])
@pytest.mark.parametrize("damage", ["empty", "cut", "another", "gone", "folder", "pipe", "link"])
def test_a_damaged_cache_is_encoded_again(folder: Path, store: Path, file: str, damage: str) -> None:
    text = find(folder)
    encode(text, store)
    [cache] = caches(store)
    place, whole = cache / file, (cache / file).read_bytes()
    place.unlink()
    match damage:
        case "empty":
            place.write_bytes(b"")
        case "cut":
            place.write_bytes(whole[:-3])
        case "another":
            place.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "link":
            place.symlink_to(place)
    assert as_read(encode(text, store)) == AS_READ
    assert caches(store) == [cache]


def test_a_link_in_place_of_a_cache_is_not_followed(folder: Path, store: Path, tmp_path: Path) -> None:
    text = find(folder)
    encode(text, store)
    [cache] = caches(store)
    elsewhere = tmp_path / "elsewhere"
    cache.rename(elsewhere)
    (elsewhere / "train.ids").write_bytes(b"mine")
    cache.symlink_to(elsewhere)
    assert as_read(encode(text, store)) == AS_READ
    assert (elsewhere / "train.ids").read_bytes() == b"mine"


def test_other_files_beside_the_caches_are_kept(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded, "MAX_CACHES", 1)
    others = {"photographs", f"{'0' * 32}-2026"}
    for name in others:
        (store / name).mkdir(parents=True)
    for size in (3, 4):
        encode(find(folder), store, size=size)
    assert others < {place.name for place in store.iterdir()}


def test_a_cache_of_an_earlier_format_is_not_used(folder: Path, store: Path) -> None:
    encode_corpus(find(folder), CorpusSettings(vocabulary_size=100, minimum_count=1), store, format_version=1)
    [earlier] = caches(store)
    (earlier / "train.ids").write_bytes(b"of another form")
    assert as_read(encode(find(folder), store)) == AS_READ
    assert len(caches(store)) == 2


@pytest.mark.parametrize("name", ["train.txt", "test.txt"])
def test_text_that_is_not_utf8_leaves_nothing_behind(folder: Path, store: Path, name: str) -> None:
    (folder / name).write_bytes(b"fine\nna\xefve\n")
    with pytest.raises(PtbtermError, match=f"{name} is not UTF-8 text: line 2, byte 3 is 0xef"):
        encode(find(folder), store)
    assert {file.name for file in folder.rglob("*") if file.is_file()} == set(TEXT)
    assert list(store.rglob("*")) == []
