"""The Penn Treebank's three files: from archives and mirrors, verified, and whole or not there."""

import hashlib
import io
import os
import random
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ptbterm import environment
from ptbterm.corpus.download.install import install
from ptbterm.corpus.download.transfer import Patience, part_file
from ptbterm.corpus.penn_treebank import SHA256, is_installed
from ptbterm.errors import NextStep, PtbtermError
from tests.corpus.http_server import Served, Server, serving

FILES = {name: random.Random(name).randbytes(200_000) for name in SHA256}
SUMS = {name: hashlib.sha256(body).hexdigest() for name, body in FILES.items()}
PATIENT = Patience(connect_seconds=2, read_seconds=10, retries=2, pause_seconds=0)
IMPATIENT = replace(PATIENT, read_seconds=0.3)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("PTBTERM_OFFLINE")
    with serving() as server:
        yield server


@pytest.fixture
def folder() -> Path:
    return environment.corpora() / "ptb"


def tgz(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive:
        for name, body in {"README": b"x", **files, "ptb.char.train.txt": b"c"}.items():
            info = tarfile.TarInfo(f"./simple-examples/data/{name}")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return target.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in files.items():
            archive.writestr(f"data/{name}", body)
    return target.getvalue()


def serve_folder(server: Server, path: str, files: dict[str, bytes]) -> str:
    server.files |= {f"{path}/{name}": Served(body) for name, body in files.items()}
    return f"{server.url}{path}"


def serve_archive(server: Server, files: dict[str, bytes] = FILES, path: str = "/simple-examples.tgz") -> str:
    server.files[path] = Served(tgz(files))
    return f"{server.url}{path}"


def get(folder: Path, *sources: str, patience: Patience = PATIENT) -> list[str]:
    """Download the stand-ins; return the notices."""
    notices: list[str] = []
    install(folder, sources, on_notice=notices.append, sums=SUMS, patience=patience)
    return notices


def failure(folder: Path, *sources: str, patience: Patience = PATIENT) -> str:
    with pytest.raises(PtbtermError) as error:
        get(folder, *sources, patience=patience)
    assert error.value.next_step is NextStep.OTHER_CORPUS
    return error.value.message


def assert_whole(folder: Path) -> None:
    """The three files, and nothing else, neither there nor beside them."""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert is_installed(folder, SUMS)
    assert {path.name for path in folder.parent.iterdir()} == {"ptb", ".ptb.lock"}


def assert_nothing(folder: Path) -> None:
    assert not is_installed(folder, SUMS)
    assert {path.name for path in folder.parent.iterdir()} == {".ptb.lock"}


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/data"


def test_from_an_archive(server: Server, folder: Path) -> None:
    assert get(folder, serve_archive(server)) == []
    assert_whole(folder)


def test_from_a_zip(server: Server, folder: Path) -> None:
    server.files["/PTB.ZIP?raw=1"] = Served(zipped(FILES))
    get(folder, f"{server.url}/PTB.ZIP?raw=1")
    assert_whole(folder)


@pytest.mark.parametrize("end", ["", "/"])
def test_from_plain_files(server: Server, folder: Path, end: str) -> None:
    get(folder, serve_folder(server, "/data", FILES) + end)
    assert_whole(folder)


def test_interrupted_archive_is_resumed(server: Server, folder: Path) -> None:
    source = serve_archive(server)
    server.files["/simple-examples.tgz"].stall_after = 262_144
    assert "sent nothing for 0.3 seconds" in failure(folder, source, patience=IMPATIENT)
    assert not folder.exists()
    server.files["/simple-examples.tgz"].stall_after = None
    get(folder, source)
    assert server.ranges_asked("/simple-examples.tgz") == [None, "bytes=262144-"]
    assert_whole(folder)


def test_wrong_sum_names_both_sums(server: Server, folder: Path) -> None:
    wrong = FILES | {"ptb.valid.txt": b"wrong"}
    for source in (serve_archive(server, wrong), serve_folder(server, "/data", wrong)):
        message = failure(folder, source)
        assert f"{source}" in message
        assert "ptb.valid.txt" in message
        assert SUMS["ptb.valid.txt"] in message
        assert hashlib.sha256(b"wrong").hexdigest() in message
        assert not folder.exists()


def test_wrong_sum_after_resuming_starts_again(server: Server, folder: Path) -> None:
    source = serve_folder(server, "/data", FILES)
    train = server.files["/data/ptb.train.txt"] = Served(bytes(200_000), stall_after=65_536)
    failure(folder, source, patience=IMPATIENT)
    train.body, train.stall_after = FILES["ptb.train.txt"], None
    [notice] = get(folder, source)
    assert "downloading it again from the start" in notice
    assert server.ranges_asked("/data/ptb.train.txt") == [None, "bytes=65536-", None]
    assert_whole(folder)


def test_wrong_sum_after_starting_again_gives_up(server: Server, folder: Path) -> None:
    source = serve_archive(server, {})
    server.files["/simple-examples.tgz"].cut_after = [100]
    assert "does not contain ptb.test.txt, ptb.train.txt, ptb.valid.txt" in failure(folder, source)
    assert len(server.asked) == 3
    assert_nothing(folder)


def test_first_dead_second_missing_third_slow_fourth_right(server: Server, folder: Path) -> None:
    slow = serve_folder(server, "/slow", FILES)
    server.files["/slow/ptb.train.txt"].stall_after = 10
    sources = [closed_port(), f"{server.url}/nowhere.tgz", slow, serve_folder(server, "/data", FILES)]
    notices = get(folder, *sources, patience=IMPATIENT)
    assert [notice.partition(": ")[0] for notice in notices] == sources[:3]
    assert "Connection refused" in notices[0]
    assert "404 Not Found" in notices[1]
    assert "sent nothing for 0.3 seconds" in notices[2]
    assert_whole(folder)


def test_all_sources_fail(server: Server, folder: Path) -> None:
    sources = [closed_port(), f"{server.url}/nowhere.tgz", f"{server.url}/\x1b[31m.zip"]
    first, *lines = failure(folder, *sources).splitlines()
    assert first == "The Penn Treebank could not be downloaded."
    assert lines[0] == f"  {sources[0]}: No connection: Connection refused."
    assert lines[1] == f"  {sources[1]}: The server answered 404 Not Found."
    assert lines[2].isprintable()
    assert_nothing(folder)


def test_verified_files_of_a_source_that_fails_are_kept(server: Server, folder: Path) -> None:
    half = serve_folder(server, "/half", {"ptb.train.txt": FILES["ptb.train.txt"]})
    get(folder, half, serve_folder(server, "/data", FILES))
    assert server.ranges_asked("/data/ptb.train.txt") == []
    assert_whole(folder)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(tgz(FILES)[:300_000], "not a complete"), (b"<html>", "not a complete"), (tgz({}), "does not contain")],
    ids=["cut off", "a page", "without the files"],
)
def test_bad_archive_then_a_good_source(server: Server, folder: Path, body: bytes, reason: str) -> None:
    server.files["/bad.tgz"] = Served(body)
    [notice] = get(folder, f"{server.url}/bad.tgz", serve_folder(server, "/data", FILES))
    assert reason in notice
    assert_whole(folder)


@pytest.mark.parametrize(("path", "most"), [("/a.tgz", 200_000_000), ("/ptb.train.txt", 20_000_000)])
def test_absurd_sizes(server: Server, folder: Path, path: str, most: int) -> None:
    server.files[path] = Served(length=most + 1)
    assert "too large" in failure(folder, f"{server.url}{path}".removesuffix("/ptb.train.txt"))
    assert_nothing(folder)


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
