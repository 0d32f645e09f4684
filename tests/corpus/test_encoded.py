"""A corpus as ids: encoded once, cached beside the text or elsewhere, and encoded again if the text changes."""

import os
from pathlib import Path

import numpy as np
import pytest

from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import CorpusText, find_corpus
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
def fallback(tmp_path: Path) -> Path:
    return tmp_path / "fallback"


def write(folder: Path) -> Path:
    folder.mkdir()
    for name, content in TEXT.items():
        (folder / name).write_text(content)
    return folder


def find(path: Path) -> CorpusText:
    def unexpected(_: object) -> None:
        raise AssertionError

    return find_corpus(str(path), path, unexpected, unexpected)


def encode(text: CorpusText, fallback: Path, size: int = 100, minimum_count: int = 1) -> EncodedCorpus:
    return encode_corpus(text, CorpusSettings(vocabulary_size=size, minimum_count=minimum_count), fallback)


def as_read(corpus: EncodedCorpus) -> dict[str, list[str]]:
    return {split: [corpus.vocabulary[number] for number in ids] for split, ids in corpus.ids.items()}


def caches(folder: Path) -> list[Path]:
    """Folders that hold a vocabulary, the ids of three splits, and a sum over them."""
    names = {"vocabulary.txt", "train.ids", "valid.ids", "test.ids", "sha256"}
    caches = [place.parent for place in folder.rglob("vocabulary.txt")]
    assert all({file.name for file in place.iterdir()} == names for place in caches)
    return caches


def test_ids_of_each_split_by_the_words_of_train(folder: Path, fallback: Path) -> None:
    corpus = encode(find(folder), fallback)
    assert as_read(corpus) == AS_READ
    assert sorted(corpus.vocabulary) == sorted(set(AS_READ["train"]))


def test_ids_stay_on_disk_and_cannot_be_changed(folder: Path, fallback: Path) -> None:
    for ids in encode(find(folder), fallback).ids.values():
        assert isinstance(ids, np.memmap)
        assert ids.dtype == np.int32
        assert not ids.flags.writeable


@pytest.mark.parametrize(("split", "share"), [("train", 1 / 9), ("valid", 0), ("test", 2 / 4)])
def test_unknown_share(folder: Path, fallback: Path, split: str, share: float) -> None:
    assert encode(find(folder), fallback).unknown_share(split) == share


@pytest.mark.parametrize("beside", [True, False], ids=["beside the text", "elsewhere"])
def test_second_time_from_the_cache_alone(folder: Path, fallback: Path, beside: bool) -> None:
    if not beside:
        (folder / ".ptbterm").write_text("a file where the cache would be")
    text = find(folder)
    first = encode(text, fallback)
    assert caches(folder if beside else fallback) != []
    assert caches(fallback if beside else folder) == []
    for name in TEXT:
        (folder / name).unlink()
    assert as_read(encode(text, fallback)) == as_read(first) == AS_READ


@pytest.mark.parametrize("beside", [True, False], ids=["beside the text", "elsewhere"])
def test_other_text_replaces_the_cache(folder: Path, fallback: Path, beside: bool) -> None:
    if not beside:
        (folder / ".ptbterm").write_text("a file where the cache would be")
    encode(find(folder), fallback)
    [before] = caches(folder.parent)
    unfinished = before.with_name(".of-another-process.part")
    unfinished.mkdir()
    (folder / "valid.txt").write_text("the dog saw the cat\n")
    again = encode(find(folder), fallback)
    assert as_read(again) == AS_READ | {"valid": ["the", "dog", "saw", "the", "cat", "<eos>"]}
    assert before not in caches(folder.parent)
    assert len(caches(folder.parent)) == 1
    assert unfinished.exists()


def test_each_limit_on_the_vocabulary_has_a_cache(folder: Path, fallback: Path) -> None:
    text = find(folder)
    for _ in range(2):
        assert as_read(encode(text, fallback)) == AS_READ
        assert list(encode(text, fallback, size=3).vocabulary) == ["<unk>", "<eos>", "the"]
        assert list(encode(text, fallback, minimum_count=2).vocabulary) == ["<unk>", "<eos>", "the"]
    assert len(caches(folder)) == 3


def test_texts_that_cannot_have_a_cache_beside_them_do_not_share_one(tmp_path: Path, fallback: Path) -> None:
    one, other = write(tmp_path / "one"), write(tmp_path / "other")
    for folder in (one, other):
        (folder / ".ptbterm").write_text("")
    encode(find(one), fallback)
    (other / "test.txt").write_text("dog\n")
    encode(find(other), fallback)
    assert len(caches(fallback)) == 2
    assert as_read(encode(find(one), fallback)) == AS_READ


def test_single_files_in_one_folder_have_a_cache_each(tmp_path: Path, fallback: Path) -> None:
    for name in ("one.txt", "other.txt"):
        (tmp_path / name).write_text(f"a {name}\na\nb\n")
        encode(find(tmp_path / name), fallback)
    assert len(caches(tmp_path)) == 2
    assert as_read(encode(find(tmp_path / "one.txt"), fallback)) == {
        "train": ["a", "one.txt", "<eos>"],
        "valid": ["a", "<eos>"],
        "test": ["<unk>", "<eos>"],
    }


@pytest.mark.parametrize("file", ["vocabulary.txt", "train.ids", "sha256"])
@pytest.mark.parametrize("damage", ["empty", "cut", "another", "gone", "folder", "pipe", "link"])
def test_a_damaged_cache_is_encoded_again(folder: Path, fallback: Path, file: str, damage: str) -> None:
    text = find(folder)
    encode(text, fallback)
    [cache] = caches(folder)
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
    assert as_read(encode(text, fallback)) == AS_READ
    assert caches(folder) == [cache]


def test_a_link_in_place_of_a_cache_is_not_followed(folder: Path, fallback: Path, tmp_path: Path) -> None:
    text = find(folder)
    encode(text, fallback)
    [cache] = caches(folder)
    elsewhere = tmp_path / "elsewhere"
    cache.rename(elsewhere)
    (elsewhere / "train.ids").write_bytes(b"mine")
    cache.symlink_to(elsewhere)
    assert as_read(encode(text, fallback)) == AS_READ
    assert (elsewhere / "train.ids").read_bytes() == b"mine"


@pytest.mark.parametrize("single_file", [False, True], ids=["folder", "file"])
def test_nothing_behind_a_linked_cache_folder_is_read_written_or_deleted(
    folder: Path, fallback: Path, tmp_path: Path, single_file: bool
) -> None:
    treasure = tmp_path / "treasure"
    (treasure / "0123456789abcdef-01234567").mkdir(parents=True)
    (treasure / "0123456789abcdef-01234567" / "gold").write_text("mine")
    (folder / ".ptbterm").symlink_to(treasure)
    (folder / "whole.txt").write_text("a\nb\nc\n")
    text = find(folder / "whole.txt" if single_file else folder)
    for _ in range(2):
        encode(text, fallback)
    assert [str(path.relative_to(treasure)) for path in treasure.rglob("*")] == [
        "0123456789abcdef-01234567",
        "0123456789abcdef-01234567/gold",
    ]
    assert len(caches(fallback)) == 1


def test_other_files_beside_a_cache_are_kept(folder: Path, fallback: Path) -> None:
    for name in ("photographs", "0123456789abcdef-2026"):
        (folder / ".ptbterm" / name).mkdir(parents=True)
    encode(find(folder), fallback)
    assert {"photographs", "0123456789abcdef-2026"} < {place.name for place in (folder / ".ptbterm").iterdir()}


def test_a_cache_of_an_earlier_format_is_not_used(folder: Path, fallback: Path) -> None:
    encode_corpus(find(folder), CorpusSettings(vocabulary_size=100, minimum_count=1), fallback, format_version=1)
    [earlier] = caches(folder)
    (earlier / "train.ids").write_bytes(b"of another form")
    assert as_read(encode(find(folder), fallback)) == AS_READ
    assert len(caches(folder)) == 2


@pytest.mark.parametrize("name", ["train.txt", "test.txt"])
def test_text_that_is_not_utf8_leaves_nothing_behind(folder: Path, fallback: Path, name: str) -> None:
    (folder / name).write_bytes(b"fine\nna\xefve\n")
    with pytest.raises(PtbtermError, match=f"{name} is not UTF-8 text: line 2, byte 3 is 0xef"):
        encode(find(folder), fallback)
    assert {file.name for file in folder.rglob("*") if file.is_file()} == set(TEXT)
    assert list(folder.glob(".ptbterm/*")) == []
    assert not fallback.exists()
