"""Files are opened only if they are files, read up to a limit, and written whole or not at all."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from ptbterm.errors import PtbtermError
from ptbterm.files import (
    exclusive_lock,
    is_file,
    is_locked,
    new_folder,
    open_file,
    parse_toml,
    read_text,
    replacing,
)


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("caf\u00e9\r\n", newline="")
    assert read_text(tmp_path / "file") == "caf\u00e9\r\n"
    with open_file(tmp_path / "file") as file:
        assert file.read(3) == b"caf"


def test_anything_but_a_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, reason in {
        tmp_path / "none": "No such file or directory",
        tmp_path: "it is not a regular file",
        tmp_path / "pipe": "it is not a regular file",
        Path("/dev/zero"): "it is not a regular file",
        tmp_path / ("x" * 300): "File name too long",
    }.items():
        assert not is_file(place)
        with pytest.raises(PtbtermError) as error:
            open_file(place)
        assert error.value.message == f"{place} can't be read: {reason}."


def test_a_text_without_end_is_not_taken_into_memory(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 11)
    assert read_text(tmp_path / "long", max_bytes=11) == "x" * 11
    with pytest.raises(PtbtermError, match="it is larger than 10 bytes"):
        read_text(tmp_path / "long", max_bytes=10)


@pytest.mark.parametrize("text", ["a", "a = 1\na = 2", f"a = {'[' * 499}", f"a = {'9' * 5_000}", "a = \x00"])
def test_no_toml(text: str) -> None:
    with pytest.raises(PtbtermError, match=r"^mine\.toml is not valid TOML: "):
        parse_toml(text, "mine.toml")


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_text("old")
    with replacing(file) as temporary:
        temporary.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_content_can_be_kept(tmp_path: Path) -> None:
    file, before = tmp_path / "weights", tmp_path / "previous"
    for content in ("1", "2", "3"):
        with replacing(file, before=before) as temporary:
            temporary.write_text(content)
    assert (file.read_text(), before.read_text()) == ("3", "2")
    assert sorted(tmp_path.iterdir()) == [before, file]


def test_a_crash_moves_nothing(tmp_path: Path) -> None:
    file, before = tmp_path / "weights", tmp_path / "previous"
    file.write_text("2")
    before.write_text("1")
    with pytest.raises(FileNotFoundError), replacing(file, before=before):
        pass
    assert (file.read_text(), before.read_text()) == ("2", "1")


def die_half_way(path: Path, reason: type[BaseException]) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise reason


@pytest.mark.parametrize("reason", [OSError, KeyboardInterrupt])
def test_a_crash_leaves_the_old_content_and_nothing_beside_it(tmp_path: Path, reason: type[BaseException]) -> None:
    file = tmp_path / "weights"
    file.write_text("old")
    with pytest.raises(reason):
        die_half_way(file, reason)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_text("old")
    with pytest.raises(FileNotFoundError), replacing(file):
        pass
    assert file.read_text() == "old"


KILLED = """
import os, signal, sys
from pathlib import Path
from ptbterm import files
with getattr(files, sys.argv[1])(Path(sys.argv[2])) as temporary:
    (temporary / "file" if temporary.is_dir() else temporary).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.process
@pytest.mark.parametrize("way", ["replacing", "new_folder"])
def test_killed_half_way(tmp_path: Path, way: str) -> None:
    wanted = tmp_path / "wanted"
    process = subprocess.run([sys.executable, "-c", KILLED, way, str(wanted)], check=False)
    assert process.returncode == -signal.SIGKILL
    assert not wanted.exists()
    assert all(path.name.startswith(".wanted.") for path in tmp_path.iterdir())


def test_a_new_folder_appears_whole_and_with_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "first"
    with new_folder(folder) as temporary:
        (temporary / "deep" / "er").mkdir(parents=True)
        (temporary / "deep" / "er" / "file").write_text("whole")
        assert not folder.exists()
    assert (folder / "deep" / "er" / "file").read_text() == "whole"
    assert list(folder.parent.iterdir()) == [folder]


def test_a_crash_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), new_folder(tmp_path / "first") as temporary:
        (temporary / "file").write_text((tmp_path / "missing").read_text())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_another_process_created_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "first"

    def come_second() -> None:
        with new_folder(folder) as temporary:
            (temporary / "file").write_text("ours")
            folder.mkdir()
            (folder / "file").write_text("theirs")

    with pytest.raises(FileExistsError, match="Another process has created it"):
        come_second()
    assert (folder / "file").read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_in_the_way_is_an_error_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    with pytest.raises(OSError, match="first"), new_folder(folder):
        folder.write_text("theirs")
    assert folder.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_new_files_have_the_mode_that_the_umask_gives(tmp_path: Path, umask: int) -> None:
    """Whatever library writes them: safetensors makes files that only their owner can read."""
    before = os.umask(umask)
    try:
        with replacing(tmp_path / "weights") as temporary:
            save_file({"a": np.zeros(3, np.float32)}, temporary)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "weights").stat().st_mode) == 0o666 & ~umask


def test_an_error_of_the_system_names_the_file_that_was_to_be_written(tmp_path: Path) -> None:
    for error in (errno.ENOSPC, errno.EDQUOT):
        with pytest.raises(OSError, match=os.strerror(error)) as raised, replacing(tmp_path / "weights"):
            raise OSError(error, os.strerror(error))
        assert raised.value.filename == str(tmp_path / "weights")
    with pytest.raises(FileNotFoundError) as missing, new_folder(tmp_path / "run") as temporary:
        (temporary / "checkpoints/last").write_bytes(b"")
    assert missing.value.filename == str(tmp_path / "run/checkpoints/last")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(_descriptor: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", flock)
    file = tmp_path / "lock"
    with pytest.raises(PtbtermError, match=r"lock can't be locked: .* Its file system has no locks") as error:
        exclusive_lock(file).__enter__()
    assert "PTBTERM_HOME" in error.value.hint
    assert not file.exists()
    file.touch()
    assert is_locked(file) is None


def dead_process() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        return process.pid


@pytest.mark.process
@pytest.mark.parametrize("write", [new_folder, replacing])
def test_what_killed_processes_left_unfinished_is_removed(
    tmp_path: Path, write: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    dead, folder, treasure = dead_process(), tmp_path / "runs", tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("mine")
    unfinished = f".old.{dead}.part"
    living, recent = f".old.{os.getpid()}.part", f".recent.{dead}.part"
    kept = [living, recent, ".part", f"old.{dead}.part", f".old.{dead}.parts", ".old.4e3.part", ".trash"]
    for name in (unfinished, *kept):
        (folder / name).mkdir(parents=True)
        (folder / name / "link").symlink_to(treasure)
        if name != recent:
            os.utime(folder / name, (1_000_000, 1_000_000))
    (folder / f".file.{dead}.part").write_text("")
    os.utime(folder / f".file.{dead}.part", (1_000_000, 1_000_000))
    (folder / f".link.{dead}.part").symlink_to(treasure)
    with write(folder / "first") as temporary:
        temporary.mkdir(exist_ok=True)
    assert {path.name for path in folder.iterdir()} == {"first", *kept, f".link.{dead}.part"}
    assert (treasure / "gold").read_text() == "mine"
