"""Files of anyone: opened only if they are files, read only as far as makes sense."""

import os
from pathlib import Path

import pytest

from ptbterm.errors import PtbtermError
from ptbterm.files import is_file, open_file, parse_toml, read_text


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("caf\u00e9\r\n", newline="")
    assert read_text(tmp_path / "file") == "caf\u00e9\r\n"
    with open_file(tmp_path / "file") as file:
        assert file.read(3) == b"caf"


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, reason in {
        tmp_path / "none": "No such file or directory",
        tmp_path: "it is no file",
        tmp_path / "pipe": "it is no file",
        Path("/dev/zero"): "it is no file",
        tmp_path / ("x" * 300): "File name too long",
    }.items():
        assert not is_file(place)
        with pytest.raises(PtbtermError) as error:
            open_file(place)
        assert error.value.message == f"{place} can't be read: {reason}."


def test_a_text_without_end_is_not_taken_into_memory(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 11)
    assert read_text(tmp_path / "long", max_bytes=11) == "x" * 11
    with pytest.raises(PtbtermError, match="it has more than 10 bytes"):
        read_text(tmp_path / "long", max_bytes=10)


@pytest.mark.parametrize("text", ["a", "a = 1\na = 2", f"a = {'[' * 5_000}", f"a = {'9' * 5_000}", "a = \x00"])
def test_no_toml(text: str) -> None:
    with pytest.raises(PtbtermError, match=r"^mine\.toml is not valid TOML: "):
        parse_toml(text, "mine.toml")
