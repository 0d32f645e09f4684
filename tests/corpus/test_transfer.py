"""One file over HTTP: whole, resumed, refused."""

import gc
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ptbterm.corpus.download.transfer import Fetcher, Patience, Transfer, part_file
from ptbterm.errors import PtbtermError
from tests.corpus.http_server import Served, Server, serving
from tests.torture.lies import LIES
from tests.torture.servers import serving as lying

BODY = random.Random(1).randbytes(300_000)
PATIENT = Patience(connect_seconds=2, read_seconds=10, retries=2, pause_seconds=0)
IMPATIENT = replace(PATIENT, read_seconds=0.2)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def fetch(
    server: Server, folder: Path, most: int = 1_000_000, patience: Patience = PATIENT
) -> tuple[Path, bool, list[Transfer]]:
    seen: list[Transfer] = []
    url = f"{server.url}/f"
    part = part_file(url, folder)
    kept = Fetcher(seen.append, patience).fetch(url, part, most)
    return part, kept, seen


def refusal(server: Server, folder: Path, most: int = 1_000_000, patience: Patience = PATIENT) -> str:
    with pytest.raises(PtbtermError) as error:
        fetch(server, folder, most, patience)
    return error.value.message


def break_off(server: Server, folder: Path, after: int) -> None:
    """Leave a part of `after` bytes behind."""
    server.files["/f"].stall_after = after
    assert refusal(server, folder, patience=IMPATIENT) == "The server sent nothing for 0.2 seconds."
    server.files["/f"].stall_after = None
    server.asked.clear()


def test_whole(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY)
    part, kept, seen = fetch(server, tmp_path)
    assert part.read_bytes() == BODY
    assert not kept
    assert seen[0] == Transfer(f"{server.url}/f", 0, len(BODY))
    assert seen[-1] == Transfer(f"{server.url}/f", len(BODY), len(BODY))
    assert server.asked[0][1]["Accept-Encoding"] == "identity"


def test_later_attempt_resumes(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY)
    break_off(server, tmp_path, 131_072)
    part, kept, seen = fetch(server, tmp_path)
    assert server.ranges_asked("/f") == ["bytes=131072-"]
    assert part.read_bytes() == BODY
    assert kept
    assert seen[0].done_bytes == 131_072


def test_broken_connection_is_resumed(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY, cut_after=[100_000, 50_000])
    part, kept, _ = fetch(server, tmp_path)
    assert server.ranges_asked("/f") == [None, "bytes=100000-", "bytes=150000-"]
    assert part.read_bytes() == BODY
    assert kept


def test_connection_that_breaks_too_often(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY, cut_after=[10, 10, 10, 10])
    assert refusal(server, tmp_path) == "The connection broke off after byte 30 of 300,000."
    assert part_file(f"{server.url}/f", tmp_path).stat().st_size == 30


def test_server_without_ranges(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY, ranges=False)
    break_off(server, tmp_path, 131_072)
    part, kept, _ = fetch(server, tmp_path)
    assert server.ranges_asked("/f") == ["bytes=131072-"]
    assert part.read_bytes() == BODY
    assert not kept


def test_file_that_changed_between_attempts_is_reported_as_resumed(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY)
    break_off(server, tmp_path, 131_072)
    server.files["/f"] = Served(BODY[::-1])
    _, kept, _ = fetch(server, tmp_path)
    assert kept


def test_part_that_is_complete_already(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY)
    fetch(server, tmp_path)
    server.asked.clear()
    part, kept, _ = fetch(server, tmp_path)
    assert server.ranges_asked("/f") == ["bytes=300000-"]
    assert part.read_bytes() == BODY
    assert kept


def test_part_longer_than_the_file_is_reported_as_resumed(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY)
    fetch(server, tmp_path)
    server.files["/f"] = Served(BODY[:1000])
    _, kept, _ = fetch(server, tmp_path)
    assert kept


def test_unknown_length(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY, length=0)
    part, _, seen = fetch(server, tmp_path)
    assert part.read_bytes() == BODY
    assert seen[0].total_bytes is None
    assert seen[-1].total_bytes == len(BODY)


@pytest.mark.parametrize("served", [Served(BODY), Served(BODY, length=0), Served(b"", length=10**15)])
def test_too_large(server: Server, tmp_path: Path, served: Served) -> None:
    server.files["/f"] = served
    assert "The file is too large" in refusal(server, tmp_path, most=299_999)
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("status", [403, 404, 500, 599])
def test_refusals_of_the_server(server: Server, tmp_path: Path, status: int) -> None:
    server.files["/f"] = Served(b"secret \x1b[31m", status=status)
    message = refusal(server, tmp_path)
    assert message.startswith(f"The server answered {status}")
    assert "\x1b" not in message
    assert len(server.asked) == 1


def test_endless_redirects(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(status=302, headers={"Location": "/f"})
    assert refusal(server, tmp_path) == "No connection: the server redirects too often."


def test_redirect_to_a_local_file(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(status=302, headers={"Location": "file:///etc/passwd"})
    assert "No connection" in refusal(server, tmp_path)


MALFORMED = (
    *("http://[::1", "http://127.0.0.1:99999/f", "http://127.0.0.1:x/f", "http://", "//", "http:///f", ":"),
    *("http://\x80.a", f"http://{'a' * 70}.b/", "javascript:alert(1)", "http://\xff\xfe/", "http://:80/"),
)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3 forgets a socket
@pytest.mark.parametrize("place", MALFORMED)
def test_redirect_to_a_malformed_address(server: Server, tmp_path: Path, place: str) -> None:
    server.files["/f"] = Served(status=302, headers={"Location": place})
    assert refusal(server, tmp_path).startswith(("No connection: ", "The server answered "))
    gc.collect()


def test_server_that_drips_is_given_up(server: Server, tmp_path: Path) -> None:
    server.files["/f"] = Served(BODY, drip_seconds=0.02)
    slow = replace(PATIENT, slow_seconds=0.3, slow_bytes=100)
    assert refusal(server, tmp_path, patience=slow).startswith("The server is too slow: ")


@pytest.mark.parametrize("kind", ["100 for ever", "header for ever", "chunk size for ever"])
def test_answer_that_goes_on_and_on_is_given_up(tmp_path: Path, kind: str) -> None:
    impatient = replace(PATIENT, slow_seconds=0.3)
    with lying(LIES[kind]) as url, pytest.raises(PtbtermError, match=r"No answer within|too slow"):
        Fetcher(lambda _: None, impatient).fetch(f"{url}/f", part_file(url, tmp_path), 10**9)


@pytest.mark.parametrize("size", [b"-1", b"-ffff", b"zz", b"", b"f" * 5000, b"1e", b"0x", b"ffffffffffffffffff"])
def test_chunk_sizes_that_are_invalid(tmp_path: Path, size: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(head + b"3\r\nabc\r\n" + size + b"\r\nabc") as url, pytest.raises(PtbtermError) as error:
        Fetcher(lambda _: None, PATIENT).fetch(url, part_file(url, tmp_path), 1_000)
    assert error.value.message.startswith(("The connection broke off", "The server's answer is invalid"))


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Yield the address of a server that gives every request the same bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_all() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65_536)
                        connection.sendall(answer)

        thread = threading.Thread(target=answer_all)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/f"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_archive_that_the_server_calls_encoded(server: Server, tmp_path: Path) -> None:
    url = f"{server.url}/a.tgz"
    server.files["/a.tgz"] = Served(BODY, headers={"Content-Encoding": "x-gzip"})
    part = part_file(url, tmp_path)
    Fetcher(lambda _: None, PATIENT).fetch(url, part, 1_000_000)
    assert part.read_bytes() == BODY


def test_no_one_listens(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = Server(f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert refusal(server, tmp_path) == "No connection: Connection refused."


def test_server_that_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert refusal(server, tmp_path, patience=IMPATIENT) == "The server sent nothing for 0.2 seconds."


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "file:///etc", "/etc", "http://", "http://[", "http://.a", "http://\udcff"]
)
def test_invalid_addresses(tmp_path: Path, url: str) -> None:
    with pytest.raises(PtbtermError, match="No connection: "):
        Fetcher(lambda _: None, PATIENT).fetch(url, part_file(url, tmp_path), 10)
