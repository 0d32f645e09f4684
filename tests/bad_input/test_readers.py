"""Whatever a file holds, its reader returns what is right or refuses it, by name and with the reason.

A small budget runs with every test run. For a long one: pytest tests/bad_input --hypothesis-profile=fuzz
"""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import READERS, Reader, read_archive

from ptbterm.errors import PtbtermError


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def outcome(reader: Reader, file: Path) -> None:
    """Read; a refusal names the file, but for an archive, whose name the download tells, and gives a reason."""
    try:
        reader.read(file)
    except PtbtermError as error:
        refusal = error.message
    else:
        return
    assert reader.file in refusal or reader.read is read_archive
    assert refusal.endswith((".", ")"))
    assert len(refusal) < 10_000


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_whole_file_is_read(reader: Reader, place: Path) -> None:
    file = fresh(place) / reader.file
    file.write_bytes(reader.valid)
    reader.read(file)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_a_damaged_file_is_read_right_or_refused(name: str, place: Path, data: st.DataObject) -> None:
    reader = READERS[name]
    file = fresh(place) / reader.file
    file.write_bytes(data.draw(reader.damaged))
    outcome(reader, file)


def fresh(place: Path) -> Path:
    folder = place / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
