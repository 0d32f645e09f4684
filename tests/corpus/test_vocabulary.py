"""The words a model knows: which they are, their order, and back from ids and from disk."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ptbterm.corpus.vocabulary import Vocabulary, build_vocabulary, read_vocabulary
from ptbterm.errors import PtbtermError

RESERVED = {"<unk>", "<eos>"}
repeatable = settings(derandomize=True)
words = st.text(min_size=1).filter(lambda word: word.split() == [word])
counts = st.dictionaries(st.sampled_from(["ab", "ac", "ba", "bc", "ca", "cb", *RESERVED]), st.integers(1, 9)).map(
    Counter[str]
)


def decode(vocabulary: Vocabulary, chunks: list[np.ndarray]) -> list[str]:
    return [vocabulary[number] for chunk in chunks for number in chunk]


def test_order_is_by_falling_count_then_by_word() -> None:
    text = "the cat saw the dog <eos> a dog saw <unk> <eos> N"
    assert list(build_vocabulary(Counter(text.split()), size=100, minimum_count=1)) == [
        *("<eos>", "dog", "saw", "the"),
        *("<unk>", "N", "a", "cat"),
    ]


@pytest.mark.parametrize(
    ("size", "minimum_count", "expected"),
    [
        (100, 1, "<eos> d c b a <unk>"),
        (100, 2, "<eos> d c b <unk>"),
        (100, 3, "<eos> d <unk> c"),
        (5, 1, "<eos> d c b <unk>"),
        (4, 1, "<eos> d <unk> c"),
        (3, 1, "<unk> <eos> d"),
        (3, 100, "<unk> <eos>"),
    ],
)
def test_unk_counts_for_all_words_left_out(size: int, minimum_count: int, expected: str) -> None:
    counted = Counter({"<eos>": 5, "d": 4, "c": 3, "b": 2, "a": 1})
    assert " ".join(build_vocabulary(counted, size, minimum_count)) == expected


@repeatable
@given(counts, st.integers(3, 12), st.integers(1, 9))
def test_limits_leave_out_the_rarest(counted: Counter[str], size: int, minimum_count: int) -> None:
    vocabulary = build_vocabulary(counted, size, minimum_count)
    kept = [(-counted[word], word) for word in vocabulary if word not in RESERVED]
    left_out = [(-counted[word], word) for word in counted if word not in vocabulary]
    assert set(vocabulary) >= RESERVED
    assert kept == sorted(kept)
    assert all(-minus_count >= minimum_count for minus_count, _ in kept)
    for word in left_out:
        assert -word[0] < minimum_count or (len(vocabulary) == size and word > kept[-1])


@repeatable
@given(st.lists(words, unique=True), st.lists(st.lists(words)), st.data())
def test_ids_and_back(inside: list[str], outside: list[list[str]], data: st.DataObject) -> None:
    vocabulary = Vocabulary(dict.fromkeys([*inside, "<unk>", "<eos>"]))
    sentences = data.draw(st.lists(st.lists(st.sampled_from(vocabulary)))) + outside
    spoken = [[*sentence, "<eos>"] for sentence in sentences]
    chunks = list(vocabulary.encode(spoken))
    assert all(chunk.dtype == np.int32 for chunk in chunks)
    assert decode(vocabulary, chunks) == [
        word if word in vocabulary else "<unk>" for sentence in spoken for word in sentence
    ]


def test_long_text_comes_in_chunks() -> None:
    vocabulary = Vocabulary(["<eos>", "<unk>", *map(str, range(9000))])
    chunks = list(vocabulary.encode([str(number), "<eos>"] for number in range(9000)))
    assert len(chunks) > 1
    assert np.concatenate(chunks).tolist() == [
        number for sentence in range(9000) for number in (sentence + 2, vocabulary.end_of_sentence_id)
    ]


@repeatable
@given(inside=st.lists(words, unique=True))
@example(inside=["\ufeff", "\x00", "é", "e\u0301", "#", '"'])
def test_reading_what_was_written(tmp_path_factory: pytest.TempPathFactory, inside: list[str]) -> None:
    vocabulary = Vocabulary(dict.fromkeys([*inside, "<unk>", "<eos>"]))
    file = tmp_path_factory.getbasetemp() / "vocabulary.txt"
    file.write_bytes(vocabulary.as_text().encode())
    assert list(read_vocabulary(file)) == list(vocabulary)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it has no line <unk>"),
        (b"a\n<eos>\n", "it has no line <unk>"),
        (b"<unk>\na\n", "it has no line <eos>"),
        (b"<unk>\n<eos>\na\na\n", "it has an empty line or a repeated word"),
        (b"<unk>\n\n<eos>\n", "it has an empty line or a repeated word"),
        (b"<unk>\n<eos>\n\n", "it has an empty line or a repeated word"),
    ],
    ids=["empty", "no unk", "no eos", "a word twice", "empty line", "empty last line"],
)
def test_damaged_file(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "vocabulary.txt"
    file.write_bytes(content)
    with pytest.raises(PtbtermError) as error:
        read_vocabulary(file)
    assert error.value.message == f"{file} is damaged: {reason}."


def test_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "vocabulary.txt"
    file.write_bytes(b"<unk>\n<eos>\ncaf\xe9\n")
    with pytest.raises(PtbtermError, match=f"^{file} is not UTF-8 text: byte 16 is 0xe9.$"):
        read_vocabulary(file)
