"""Downloads into a folder that is damaged, in use, or left by a killed process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ptbterm.corpus.download.install import install
from ptbterm.corpus.download.transfer import part_file
from ptbterm.corpus.penn_treebank import SHA256, is_installed
from tests.corpus.downloads import FILES, PATIENT, SUMS, assert_whole, failure, get, serve_archive
from tests.corpus.http_server import Server


def test_offline(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTBTERM_OFFLINE", "1")
    assert "PTBTERM_OFFLINE" in failure(folder, serve_archive(server))
    assert server.asked == []
    assert not folder.parent.exists()


@pytest.mark.parametrize(
    "damage", ["missing", "changed", "no folder", "a file", "a dangling link", "an empty folder"]
)
def test_damaged_folder_is_replaced(server: Server, folder: Path, damage: str) -> None:
    source = serve_archive(server)
    if damage in ("missing", "changed"):
        get(folder, source)
        victim = folder / "ptb.valid.txt"
        victim.unlink() if damage == "missing" else victim.write_bytes(FILES["ptb.valid.txt"][:-1])
    else:
        folder.parent.mkdir(parents=True)
    if damage == "a file":
        folder.write_text("")
    if damage == "a dangling link":
        folder.symlink_to("nowhere")
    if damage == "an empty folder":
        folder.mkdir()
    assert not is_installed(folder, SUMS)
    notices = get(folder, source)
    assert notices == [] or "incomplete or damaged" in notices[0]
    assert_whole(folder)


def test_damaged_folder_stays_until_there_is_a_better_one(server: Server, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "ptb.train.txt").write_bytes(b"mine")
    failure(folder, f"{server.url}/nowhere.tgz")
    assert (folder / "ptb.train.txt").read_bytes() == b"mine"


def test_intact_folder_survives_a_download_that_fails(server: Server, folder: Path) -> None:
    get(folder, serve_archive(server))
    failure(folder, f"{server.url}/nowhere.tgz")
    assert_whole(folder)


def test_two_at_once(server: Server, folder: Path) -> None:
    source = serve_archive(server)
    notices: list[list[str]] = []
    threads = [threading.Thread(target=lambda: notices.append(get(folder, source))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(notices) == 4
    assert_whole(folder)


def test_one_waits_for_the_other(server: Server, folder: Path) -> None:
    source = serve_archive(server)
    server.files["/simple-examples.tgz"].stall_after = 100_000
    first = threading.Thread(target=install, args=(folder, [source]), kwargs={"sums": SUMS, "patience": PATIENT})
    first.start()
    wait_for(lambda: size(part_file(source, folder.parent / ".downloads")) > 0)
    server.files["/simple-examples.tgz"].stall_after = None
    seen: list[str] = []

    def release(notice: str) -> None:
        seen.append(notice)
        server.released.set()

    install(folder, [f"{server.url}/nowhere.tgz"], on_notice=release, sums=SUMS, patience=PATIENT)
    first.join()
    assert seen == ["Another ptbterm is downloading the Penn Treebank: waiting for it."]
    assert_whole(folder)


KILLED = """
import sys
from pathlib import Path
from ptbterm.corpus.download.install import install
install(Path(sys.argv[1]), [sys.argv[2]])
"""


@pytest.mark.process
def test_killed_half_way(server: Server, folder: Path) -> None:
    source = serve_archive(server)
    server.files["/simple-examples.tgz"].stall_after = 393_216
    environment = os.environ | {"PTBTERM_OFFLINE": "0"}
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder), source], env=environment)
    wait_for(lambda: size(part_file(source, folder.parent / ".downloads")) == 393_216)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not folder.exists()
    server.files["/simple-examples.tgz"].stall_after = None
    get(folder, source)
    assert server.ranges_asked("/simple-examples.tgz") == [None, "bytes=393216-"]
    assert_whole(folder)


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_real_corpus(server: Server, folder: Path, ptb: Path) -> None:
    files = {name: (ptb / name).read_bytes() for name in SHA256}
    source = serve_archive(server, files)
    server.files["/simple-examples.tgz"].cut_after = [1_000_000]
    install(folder, [source], patience=PATIENT)
    assert is_installed(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
