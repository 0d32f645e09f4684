"""People's own text: which lines make which split, and what is wrong with it in one clear sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from ptbterm.corpus.text_files import find_splits, fingerprint, one_text
from ptbterm.errors import PtbtermError

Files = dict[str, bytes]


def write(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def sentences(path: Path) -> dict[str, list[str]]:
    return {split: [" ".join(words) for words in text.sentences()] for split, text in find_splits(path).items()}


@pytest.mark.parametrize(
    ("train", "valid", "test"),
    [
        ("train.txt", "valid.txt", "test.txt"),
        ("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"),
        ("wiki.train.tokens", "wiki.validation.tokens", "wiki.test.tokens"),
        ("training", "dev", "test"),
        ("My-Train_2.TXT", "My-Val_2.TXT", "My-Test_2.TXT"),
    ],
)
def test_folder_of_three_files(tmp_path: Path, train: str, valid: str, test: str) -> None:
    write(tmp_path, {train: b"a b\n", valid: b"c\n", test: b"d\ne\n"})
    write(tmp_path, {"contest.txt": b"x", "restraining.txt": b"x", "README": b"x", ".train.txt.swp": b"\xff"})
    write(tmp_path / "train", {"test.txt": b"x"})
    assert sentences(tmp_path) == {"train": ["a b <eos>"], "valid": ["c <eos>"], "test": ["d <eos>", "e <eos>"]}


@pytest.mark.parametrize(
    ("lines", "train", "held_out"), [(3, 1, 1), (9, 7, 1), (10, 8, 1), (20, 16, 2), (29, 25, 2), (100, 80, 10)]
)
def test_one_file_is_cut_80_10_10_in_order(tmp_path: Path, lines: int, train: int, held_out: int) -> None:
    text = tmp_path / "text"
    text.write_text("\n \n".join(f"line {number}" for number in range(lines)))
    expected = [f"line {number} <eos>" for number in range(lines)]
    assert sentences(text) == {
        "train": expected[:train],
        "valid": expected[train : train + held_out],
        "test": expected[train + held_out :],
    }


@pytest.mark.parametrize(
    "content",
    [
        "un café\nN\n",
        "un café\nN",
        "un café\r\nN\r\n",
        "\ufeffun café\nN\n",
        "\ufeff\r\n\r\n  un \t café \r\n \u00a0 \r\nN\r\n\r\n",
    ],
    ids=["as it should be", "no last newline", "CRLF", "byte order mark", "all kinds of blanks"],
)
def test_same_sentences_however_they_were_saved(tmp_path: Path, content: str) -> None:
    text = tmp_path / "text"
    text.write_bytes(content.encode())
    assert list(one_text(text).sentences()) == [["un", "café", "<eos>"], ["N", "<eos>"]]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"fine\nna\xefve\n", "line 2, byte 3 is 0xef"),
        (b"\n\n\x8d\n", "line 3, byte 1 is 0x8d"),
        (b"fine\n\ncaf\xc3", "line 3, byte 4 is 0xc3"),
        ("deux\n".encode("utf-16"), "it is UTF-16 text"),
    ],
    ids=["Latin-1", "Latin-2", "cut off", "UTF-16"],
)
def test_not_utf8(tmp_path: Path, content: bytes, place: str) -> None:
    text = tmp_path / "text"
    text.write_bytes(content)
    with pytest.raises(PtbtermError) as error:
        list(one_text(text).sentences())
    assert error.value.message == f"{text} is not UTF-8 text: {place}."
    assert ("iconv" in error.value.hint) == (not content.endswith(b"\xc3"))


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("fine\nna\u00efve\n", "cp1252", "CP1252"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440\n", "cp1251", "CP1251"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440\n", "koi8-r", "KOI8-R"),
        ("\u4eca\u5929\u5929\u6c14\u5f88\u597d\n", "gb18030", "GB18030"),
        ("\u65e5\u672c\u8a9e\u3067\u3059\n", "shift-jis", "SHIFT_JIS"),
    ],
)
def test_the_encodings_that_can_be_right_are_named_with_what_they_read(
    tmp_path: Path, text: str, encoding: str, name: str
) -> None:
    file = tmp_path / "text"
    file.write_bytes(text.encode(encoding))
    with pytest.raises(PtbtermError) as error:
        list(one_text(file).sentences())
    word = next(word for word in text.split() if not word.isascii())
    assert f"{word} in {name}" in error.value.hint


@pytest.mark.parametrize(
    "content", [b"caf\xc3\xa9\ncaf\xe9\n", b"caf\xc3\xa9 caf\xe9\n", b"\xef\xbb\xbfcaf\xe9\n"]
)
def test_converting_is_not_advised_for_a_text_that_is_mostly_utf8(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "text"
    file.write_bytes(content)
    with pytest.raises(PtbtermError) as error:
        list(one_text(file).sentences())
    assert "Correct this line." in error.value.hint
    assert "iconv" not in error.value.hint


def test_a_word_that_no_vocabulary_can_have_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("a b\n" + "x" * 60_000 + "\n")
    with pytest.raises(PtbtermError, match="line 2 has a word of 60,000 characters; the limit is 4,096"):
        list(one_text(file).sentences())


def test_a_line_over_the_limit_is_refused_as_score_refuses_it(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("a b\n" + "x " * 2**19 + "\n")
    with pytest.raises(PtbtermError, match="more than 1,048,576 bytes in line 2"):
        list(one_text(file).sentences())


WHOLE: Files = {"train.txt": b"a\n", "valid.txt": b"b\n", "test.txt": b"c\n"}


@pytest.mark.parametrize(
    ("name", "files", "message"),
    [
        ("nowhere", WHOLE, "No corpus found at {path}."),
        ("text", {"text": b""}, "Splitting {path} 80/10/10 needs at least 3 lines with words; it has 0."),
        (
            "text",
            {"text": b"one\n\n"},
            "Splitting {path} 80/10/10 needs at least 3 lines with words; it has 1.",
        ),
        (".", {}, "{path} has no train text."),
        (".", {"train.txt": b"a\n", "valid.txt": b"b\n"}, "{path} has no test text."),
        (".", WHOLE | {"dev.txt": b""}, "{path} has more than one valid text: dev.txt and valid.txt."),
        (
            ".",
            WHOLE | {"train.valid.txt": b""},
            "{path} has more than one train text: train.txt and train.valid.txt.",
        ),
        (".", WHOLE | {"valid.txt": b" \r\n\n"}, "The valid split in {path}/valid.txt has no words."),
        (".", WHOLE | {"train.txt": b""}, "The train split in {path}/train.txt has no words."),
        (".", WHOLE | {"test.txt": b"\xef\xbb\xbf\n"}, "The test split in {path}/test.txt has no words."),
    ],
    ids=[
        "no such path",
        "empty file",
        "one word",
        "empty folder",
        "no test",
        "valid twice",
        "train twice",
        "blank lines",
        "empty split",
        "byte order mark alone",
    ],
)
def test_what_is_wrong_in_one_sentence(tmp_path: Path, name: str, files: Files, message: str) -> None:
    path = write(tmp_path, files) / name
    with pytest.raises(PtbtermError) as error:
        find_splits(path)
    assert error.value.message == message.format(path=path)
    assert error.value.hint.endswith(".") or error.value.next_step


def test_fingerprint_is_of_the_text_alone(tmp_path: Path) -> None:
    def fingerprint_of(name: str, files: Files) -> str:
        return fingerprint(find_splits(write(tmp_path / name, files)))

    whole = fingerprint_of("one", WHOLE)
    splits = find_splits(tmp_path / "one")
    assert whole == fingerprint_of("same", {f"my.{name}": content for name, content in WHOLE.items()})
    other_fingerprints = [
        fingerprint_of("changed", WHOLE | {"test.txt": b"d\n"}),
        fingerprint_of("swapped", WHOLE | {"valid.txt": b"c\n", "test.txt": b"b\n"}),
        fingerprint(splits | {"train": replace(splits["train"], first_line=1)}),
        fingerprint(splits | {"train": replace(splits["train"], end_line=1)}),
    ]
    assert len({whole, *other_fingerprints}) == 5
