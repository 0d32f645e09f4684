"""Whatever a file holds, its reader returns what is right or refuses it, by name and with the reason.

A small budget runs with every test run. For a long one: pytest tests/bad_input --hypothesis-profile=fuzz
"""

import shutil
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.errors import PtbtermError
from ptbterm.inference.trained_model import load_run
from ptbterm.runs.catalog import create_run, find_run, unused_run
from ptbterm.runs.run import Run
from ptbterm.settings.resolve import Preset, resolve
from ptbterm.settings.schema import setting_fields
from tests.bad_input.damage import damaged_bytes, damaged_toml
from tests.bad_input.readers import READERS, RECORD_OF_WEIGHTS, WORDS, Reader, encode_text, read_archive


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def refusal(read: Callable[[], object]) -> str:
    """Return why a reader refuses; empty if it reads."""
    try:
        read()
    except PtbtermError as error:
        return error.message
    return ""


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
    if reason := refusal(lambda: reader.read(file)):
        assert reader.file in reason or reader.read is read_archive  # the download names it
        assert reason.endswith((".", ")"))
        assert len(reason) < 10_000


def fresh(place: Path) -> Path:
    folder = place / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def cached(place: Path) -> tuple[Path, Path]:
    """A text and the folder of its ids."""
    text = place / "cached" / "news.txt"
    text.parent.mkdir()
    text.write_bytes(READERS["corpus"].valid)
    encode_text(text)
    [sums] = text.parent.rglob("sha256")
    return text, sums.parent


@given(data=st.data())
def test_a_damaged_cache_of_ids_is_rebuilt(cached: tuple[Path, Path], data: st.DataObject) -> None:
    text, cache = cached
    whole = encode_text(text)
    file = cache / data.draw(st.sampled_from(sorted(file.name for file in cache.iterdir())))
    file.write_bytes(data.draw(damaged_bytes(file.read_bytes())))
    assert encode_text(text) == whole


KEYS = sorted(field.key for field in setting_fields())
VALUES = st.one_of(
    st.text(),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["[" * 5_000, "9" * 5_000, f"0x{'f' * 5_000}", "3\nb = 4", '"a', "nan", "inf", "{a.b = 1}", "1e999"]
    ),
)


@given(key=st.sampled_from(KEYS) | st.text(), value=VALUES)
def test_any_assignment_is_taken_or_refused(key: str, value: str) -> None:
    preset = Preset("", "", {}, "")
    with suppress(PtbtermError):
        settings = resolve(preset, [("--set", f"{key}={value}")]).settings
        assert msgspec.convert(msgspec.to_builtins(settings), type(settings)) == settings


@given(name=st.text() | st.sampled_from(["..", ".", "", "/etc", "a/../../b", "-x", "~", "con\n", "x" * 300]))
def test_any_name_of_a_run_is_a_name_or_refused(place: Path, name: str) -> None:
    runs = place / "runs"
    with suppress(PtbtermError):
        run = unused_run(runs, name)
        assert run.path.parent == runs
        assert run.path.resolve().parent == runs.resolve()
    with pytest.raises(PtbtermError):
        find_run(runs, name)


@pytest.fixture(scope="module")
def whole_run(place: Path) -> Path:
    """A run that is whole: its settings, its vocabulary, its weights."""
    run = create_run(place / "made", "whole", RECORD_OF_WEIGHTS, "\n".join([*WORDS, ""]))
    run.best_checkpoint.write_bytes(READERS["checkpoint"].valid)
    return run.path


@given(data=st.data())
def test_a_run_with_a_damaged_file_is_loaded_right_or_refused(whole_run: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["settings.toml", "vocabulary.txt", "checkpoints/best.safetensors"]))
    file, folder = whole_run / name, Run(whole_run)
    whole = file.read_bytes()
    tree = tomllib.loads(whole.decode()) if name == "settings.toml" else {}
    damage = damaged_bytes(whole) | damaged_toml(tree) if tree else damaged_bytes(whole)
    try:
        file.write_bytes(data.draw(damage))
        words: list[str] = []
        reason = refusal(lambda: words.extend(load_run(folder, device="cpu").vocabulary))
        assert str(whole_run) in reason if reason else words == WORDS
    finally:
        file.write_bytes(whole)
