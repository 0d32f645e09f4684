"""The Penn Treebank's three files: from archives and mirrors, verified, and whole or not there."""

import hashlib
import io
import socket
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ptbterm.corpus.penn_treebank import is_installed
from tests.corpus.downloads import FILES, PATIENT, SUMS, assert_whole, failure, get, serve_archive, tgz
from tests.corpus.http_server import Served, Server

IMPATIENT = replace(PATIENT, read_seconds=0.3)


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in files.items():
            archive.writestr(f"data/{name}", body)
    return target.getvalue()


def serve_folder(server: Server, path: str, files: dict[str, bytes]) -> str:
    server.files |= {f"{path}/{name}": Served(body) for name, body in files.items()}
    return f"{server.url}{path}"


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
