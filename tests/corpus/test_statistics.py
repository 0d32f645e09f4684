"""What a corpus holds, counted: by hand, by the slow way, and on the real one."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.corpus.sources import CorpusText, find_corpus
from ptbterm.corpus.statistics import CorpusStatistics, corpus_statistics
from ptbterm.corpus.text_files import one_text
from ptbterm.settings.schema import CorpusSettings

TRAIN = "a rose is a rose\n\nis it <unk>\n"
VALID = "a tulip is a tulip\n"
TEST = "it is\n"


Folders = pytest.TempPathFactory


def corpus(folder: Path, *texts: str) -> CorpusText:
    splits = {}
    for name, text in zip(("train", "valid", "test"), texts, strict=True):
        (folder / name).write_text(text)
        splits[name] = one_text(folder / name)
    return CorpusText("mine", "mine", splits, "")


def count(text: CorpusText, most: int = 10, **settings: int) -> CorpusStatistics:
    return corpus_statistics(text, CorpusSettings(**{"minimum_count": 1, **settings}), most)  # type: ignore[arg-type]


def test_counted_by_hand(tmp_path: Path) -> None:
    counted = count(corpus(tmp_path, TRAIN, VALID, TEST), most=3)
    assert counted.vocabulary_size == 6
    assert counted.most_frequent == [("<eos>", 2), ("a", 2), ("is", 2)]
    assert counted.zipf == [(1, 2), (2, 2), (3, 2), (4, 2), (5, 1), (6, 1)]
    train, valid, test = counted.splits.values()
    assert (train.words, train.sentences, train.types) == (10, 2, 6)
    assert (train.unknown, train.outside, train.outside_types, train.most_outside) == (1, 0, 0, [])
    assert train.longest_sentence == ["a", "rose", "is", "a", "rose"]
    assert (valid.words, valid.unknown, valid.outside, valid.outside_types) == (6, 0, 2, 1)
    assert valid.most_outside == [("tulip", 2)]
    assert (test.words, test.outside, test.longest_sentence) == (3, 0, ["it", "is"])


@pytest.mark.parametrize("limits", [{"vocabulary_size": 5}, {"minimum_count": 2}])
def test_a_smaller_vocabulary_leaves_words_out(tmp_path: Path, limits: dict[str, int]) -> None:
    train = count(corpus(tmp_path, TRAIN, VALID, TEST), **limits).splits["train"]
    assert train.most_outside == [("it", 1)]
    assert (train.outside, train.outside_types, train.unknown) == (1, 1, 1)


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=300), st.integers(3, 9))
def test_the_sums_are_those_of_the_text(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], size: int
) -> None:
    text = corpus(tmp_path_factory.mktemp("corpus"), "\n".join(words), "a\n", "b\n")
    counted = count(text, most=100, vocabulary_size=size)
    train, expected = counted.splits["train"], Counter(words) + Counter({"<eos>": len(words)})
    assert train.words == expected.total()
    assert dict(counted.most_frequent) == expected
    assert train.outside_types == max(len(set(words)) - (size - 2), 0)
    assert train.outside == sum(times for _, times in train.most_outside)
    assert counted.zipf[0][1] == max(expected.values())
    assert counted.zipf[-1] == (len(expected), min(expected.values()))
    assert all(one[0] < next_one[0] and one[1] >= next_one[1] for one, next_one in pairwise(counted.zipf))


def test_the_penn_treebank(ptb: Path, tmp_path: Path) -> None:
    text = find_corpus(str(ptb), tmp_path, lambda _: None, lambda _: None)
    counted = count(text)
    assert counted.vocabulary_size == 10_000
    assert {name: split.words for name, split in counted.splits.items()} == {
        "train": 929_589,
        "valid": 73_760,
        "test": 82_430,
    }
    assert [word for word, _ in counted.most_frequent][:4] == ["the", "<unk>", "<eos>", "N"]
    assert all(split.outside == 0 for split in counted.splits.values())
    assert len(counted.zipf) < 100
