"""`ptbterm download`: what it prints where, how it ends, what it leaves behind."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ptbterm.corpus.penn_treebank import SHA256
from tests.commands import Command
from tests.corpus.http_server import Served, Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("PTBTERM_OFFLINE")
    monkeypatch.delenv("CI", raising=False)
    with serving() as server:
        yield server


@pytest.fixture
def source(server: Server, ptb: Path) -> str:
    """A folder of the real files on the loopback address."""
    server.files |= {f"/ptb/{name}": Served((ptb / name).read_bytes()) for name in SHA256}
    return f"{server.url}/ptb/"


def test_whole(ptbterm: Command, home: Path, source: str) -> None:
    result = ptbterm("download", "--url", source)
    assert result.exit_code == 0
    assert result.stdout == f"Penn Treebank: {home}/corpora/ptb (3 files verified)\n"
    assert result.stderr.splitlines()[:2] == [
        "Downloading ptb.train.txt (5,101,618 bytes)",
        "Downloaded ptb.train.txt",
    ]
    assert len(result.stderr.splitlines()) == 6


def test_already_there(ptbterm: Command, server: Server, source: str) -> None:
    first = ptbterm("download", "ptb", "--url", source)
    server.asked.clear()
    again = ptbterm("download", "--url", source)
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert again.stderr == "The Penn Treebank is already installed; --force downloads it again.\n"
    assert server.asked == []
    forced = ptbterm("download", "--force", "--url", source)
    assert (forced.exit_code, forced.stdout) == (0, first.stdout)
    assert len(server.asked) == 3


def test_damaged_is_fetched_again(ptbterm: Command, home: Path, source: str) -> None:
    ptbterm("download", "--url", source)
    (home / "corpora/ptb/ptb.test.txt").write_text("damaged")
    result = ptbterm("download", "--url", source)
    assert result.exit_code == 0
    assert "incomplete or damaged" in result.stderr


def test_sources_in_turn(ptbterm: Command, server: Server, source: str) -> None:
    result = ptbterm("download", "--url", f"{server.url}/a.tgz", "--url", source)
    assert result.exit_code == 0
    assert f"{server.url}/a.tgz: The server answered 404 Not Found." in result.stderr


def test_no_source_works(ptbterm: Command, home: Path, server: Server) -> None:
    result = ptbterm("download", "--url", f"{server.url}/a.tgz", "--url", f"{server.url}/[red]\x1b[31m")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: The Penn Treebank could not be downloaded." in result.stderr
    assert result.stderr.count("The server answered 404 Not Found.") == 4
    assert "--corpus FOLDER" in result.stderr
    assert "[red]" in result.stderr
    assert "\x1b" not in result.stderr
    assert [path.name for path in (home / "corpora").iterdir()] == [".ptb.lock"]


def test_offline(ptbterm: Command, home: Path) -> None:
    result = ptbterm("download")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "PTBTERM_OFFLINE is set" in result.stderr
    assert not home.exists()


def test_only_ptb_can_be_downloaded(ptbterm: Command) -> None:
    assert ptbterm("download", "wikitext").exit_code == 2


@pytest.mark.process
def test_interrupted_by_the_user(home: Path, server: Server) -> None:
    server.files["/a.tgz"] = Served(bytes(300_000), stall_after=131_072)
    command = [sys.executable, "-P", "-m", "ptbterm", "download", "--url", f"{server.url}/a.tgz"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 10
    while 131_072 not in part_sizes(home):
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=10)
    assert (process.returncode, stdout) == (130, "")
    assert stderr.endswith("Interrupted. Run the same command to resume.\n")
    assert part_sizes(home) == [131_072]


def part_sizes(home: Path) -> list[int]:
    """The sizes of files that are not yet whole; some are there for a moment only."""
    sizes = []
    for part in home.rglob("*.part"):
        with suppress(FileNotFoundError):
            sizes.append(part.stat().st_size)
    return sizes


@pytest.mark.process
def test_bar_on_a_terminal(server: Server) -> None:
    server.files["/%5Bred%5Dx.tgz"] = Served(b"no archive" * 10_000)
    leader, follower = pty.openpty()
    command = [sys.executable, "-P", "-m", "ptbterm", "download", "--url", f"{server.url}/[red]x.tgz"]
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower, env=environment)
    os.close(follower)
    shown = read_all(leader)
    assert process.wait(10) == 1
    assert "[red]x" in shown
    assert "100.0/100.0 kB" in shown
    assert "not a complete tar or zip archive" in shown


def read_all(leader: int) -> str:
    """What a program writes to its terminal until it ends."""
    chunks = []
    with suppress(OSError):
        while chunk := os.read(leader, 65_536):
            chunks.append(chunk)
    os.close(leader)
    return b"".join(chunks).decode()
