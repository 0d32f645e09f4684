"""What lying servers answer: each kind yields the bytes of an answer to a request from `start` on."""

import gzip
import io
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator

from tests.corpus.downloads import FILES, tgz

Lie = Callable[[int], Iterator[bytes]]

WHOLE = tgz(FILES)
HALF = len(WHOLE) // 2
RESET = b"reset"
"""Yielded: the connection is reset."""
WRONG = {name: body[:-1] + b"!" for name, body in FILES.items()}


def answer(head: str, body: bytes = b"") -> bytes:
    """An answer of a status line, headers that are separated by |, and a body."""
    return head.replace("|", "\r\n").encode("latin-1") + b"\r\n\r\n" + body


def says(head: str, body: bytes = b"") -> Lie:
    def lie(_: int) -> Iterator[bytes]:
        yield answer(head, body)

    return lie


def holds(body: bytes) -> Lie:
    """An answer that HTTP finds right; the lie is in the file."""
    return says(f"HTTP/1.1 200 OK|Content-Length: {len(body)}", body)


def resumes(head: str, body: bytes) -> Lie:
    """Half of the right file, cut off; then a lie where the rest is asked for."""

    def lie(start: int) -> Iterator[bytes]:
        yield (
            answer(head, body) if start else answer(f"HTTP/1.1 200 OK|Content-Length: {len(WHOLE)}", WHOLE[:HALF])
        )

    return lie


def endless(head: str, piece: bytes) -> Lie:
    def lie(_: int) -> Iterator[bytes]:
        yield answer(head)
        while True:
            yield piece

    return lie


def drips(head: str, piece: bytes) -> Lie:
    """An answer that goes on and on, slowly enough to stay within any limit of its length."""

    def lie(_: int) -> Iterator[bytes]:
        yield head.replace("|", "\r\n").encode()
        while True:
            time.sleep(0.01)
            yield piece

    return lie


def resets(head: str) -> Lie:
    def lie(_: int) -> Iterator[bytes]:
        yield head.replace("|", "\r\n").encode()
        yield RESET

    return lie


def silent(head: str) -> Lie:
    def lie(_: int) -> Iterator[bytes]:
        yield head.replace("|", "\r\n").encode()
        time.sleep(1)

    return lie


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", *, claims: int | None = None) -> bytes:
    """An archive with one odd member before the right ones are missing."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        info.size = 1 if kind == tarfile.REGTYPE else 0
        if claims is None:
            archive.addfile(info, io.BytesIO(b"x") if info.size else None)
        else:
            info.size = claims
            file_header = info.tobuf(tarfile.GNU_FORMAT)
            archive.fileobj.write(file_header + b"x" * 512)
    return file.getvalue()


def zipped(name: str, body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return file.getvalue()


OK = "HTTP/1.1 200 OK"
CHUNKED = f"{OK}|Transfer-Encoding: chunked"
PART = "HTTP/1.1 206 Partial Content"
REST = WHOLE[HALF:]
TRAIN = "data/ptb.train.txt"

LIES: dict[str, Lie] = {
    "no answer": lambda _: iter(()),
    "silent": silent(""),
    "silent in the status line": silent("HTTP/1.1 20"),
    "silent in the headers": silent(f"{OK}|Content-Le"),
    "silent before the body": silent(f"{OK}|Content-Length: 1000||"),
    "100 for ever": drips("", answer("HTTP/1.1 100 Continue")),
    "header for ever": drips(f"{OK}|X: ", b"x"),
    "headers for ever": drips(f"{OK}|", b"X: x\r\n"),
    "body for ever": drips(f"{OK}||", b"x"),
    "chunk size for ever": drips(f"{CHUNKED}||", b"0"),
    "trailers for ever": drips(f"{CHUNKED}||0|", b"X: x\r\n"),
    "reset": resets(OK),
    "reset in the body": resets(f"{OK}|Content-Length: {len(WHOLE)}||" + "x" * 1000),
    "no HTTP": says("SSH-2.0-OpenSSH_9.6"),
    "binary": says("\x00\xff\x16\x03"),
    "status of letters": says("HTTP/1.1 abc OK"),
    "status of no digits": says("HTTP/1.1"),
    "status below zero": says("HTTP/1.1 -200 OK"),
    "status of 5 digits": says("HTTP/1.1 20000 OK"),
    "status 999": says("HTTP/1.1 999 \x1b[31mred"),
    "HTTP/9": says("HTTP/9.9 200 OK", WHOLE[:HALF]),
    "long status line": says("HTTP/1.1 200 " + "x" * 100_000),
    "204": says("HTTP/1.1 204 No Content"),
    "206 unasked": says(f"{PART}|Content-Range: bytes 5-9/10|Content-Length: 5", b"12345"),
    "304": says("HTTP/1.1 304 Not Modified"),
    "401": says("HTTP/1.1 401 Unauthorized|WWW-Authenticate: Basic"),
    "404": says("HTTP/1.1 404 Not Found|Content-Length: 0"),
    "416 unasked": says("HTTP/1.1 416 Range Not Satisfiable|Content-Length: 0"),
    "429": says("HTTP/1.1 429 Too Many Requests|Retry-After: 999999"),
    "500": says("HTTP/1.1 500 Oops", b"x" * 1000),
    "long header": says(f"{OK}|X: " + "x" * 100_000),
    "10,000 headers": says(OK + "|X: y" * 10_000),
    "header without colon": says(f"{OK}|nonsense|Content-Length: 5", b"12345"),
    "header of other bytes": says(f"{OK}|X-\xff\xfe: \x80|Content-Length: 5", b"12345"),
    "redirect to itself": says("HTTP/1.1 302 Found|Location: /lie.tgz|Content-Length: 0"),
    "redirect to file:": says("HTTP/1.1 302 Found|Location: file:///etc/passwd|Content-Length: 0"),
    "redirect to ftp:": says("HTTP/1.1 302 Found|Location: ftp://127.0.0.1/a|Content-Length: 0"),
    "redirect to javascript:": says("HTTP/1.1 302 Found|Location: javascript:1|Content-Length: 0"),
    "redirect to a closed port": says("HTTP/1.1 302 Found|Location: http://127.0.0.1:1/a|Content-Length: 0"),
    "redirect without place": says("HTTP/1.1 302 Found|Content-Length: 0"),
    "length too long": says(f"{OK}|Content-Length: {len(WHOLE) + 9}", WHOLE),
    "length too short": says(f"{OK}|Content-Length: {HALF}", WHOLE),
    "length below zero": says(f"{OK}|Content-Length: -5", WHOLE[:HALF]),
    "length of letters": says(f"{OK}|Content-Length: abc", WHOLE[:HALF]),
    "length 2^70": says(f"{OK}|Content-Length: {2**70}", WHOLE[:HALF]),
    "length beyond the limit": says(f"{OK}|Content-Length: 999999999999", b"x"),
    "two lengths": says(f"{OK}|Content-Length: 5|Content-Length: 7", b"12345"),
    "length 0": says(f"{OK}|Content-Length: 0"),
    "no length, truncated": says(OK, WHOLE[:HALF]),
    "endless": endless(OK, bytes(2**20)),
    "chunk size of letters": says(CHUNKED, b"xyz\r\nabc\r\n"),
    "chunk size of 2^80": says(CHUNKED, b"f" * 20 + b"\r\nabc\r\n"),
    "chunk size without end": says(CHUNKED, b"1" * 100_000),
    "chunk cut off": says(CHUNKED, b"ffff\r\nabc"),
    "chunks without end": says(CHUNKED, b"3\r\nabc\r\n"),
    "chunks endless": endless(CHUNKED, b"100000\r\n" + bytes(2**20) + b"\r\n"),
    "gzip bomb as encoding": says(f"{OK}|Content-Encoding: gzip", gzip.compress(bytes(10**8), 1)),
    "no gzip as encoding": says(f"{OK}|Content-Encoding: gzip", b"x" * 1000),
    "unknown encoding": says(f"{OK}|Content-Encoding: \x1b[31m", b"x" * 1000),
    "range from another place": resumes(f"{PART}|Content-Range: bytes 0-9/10|Content-Length: 10", WHOLE[:10]),
    "range of other bytes": resumes(f"{PART}|ETag: other|Content-Length: {len(REST)}", bytes(len(REST))),
    "range too long": resumes(f"{PART}|Content-Length: {len(REST) + 4}", REST + b"more"),
    "range malformed": resumes(f"{PART}|Content-Range: bytes x-y/z|Content-Length: 4", b"1234"),
    "200 for a range, wrong": resumes(f"{OK}|Content-Length: 10", b"0123456789"),
    "416 for a range": resumes("HTTP/1.1 416 No|Content-Range: bytes */1|Content-Length: 0", b""),
    "404 for a range": resumes("HTTP/1.1 404 No|Content-Length: 0", b""),
    "range repeated whole": resumes(f"{PART}|Content-Length: {len(WHOLE)}", WHOLE),
    "a page": holds(b"<html>Log in to the network</html>"),
    "gzip of nothing": holds(gzip.compress(b"")),
    "gzip cut off": holds(WHOLE[:HALF]),
    "gzip with a flipped byte": holds(WHOLE[:HALF] + b"\x00\x01\x02" + WHOLE[HALF + 3 :]),
    "gzip bomb": holds(gzip.compress(bytes(10**8), 1)),
    "zip bomb": holds(zipped(TRAIN, bytes(10**8))),
    "zip cut off": holds(zipped(TRAIN, b"x" * 1000)[:-20]),
    "wrong sums": holds(tgz(WRONG)),
    "one file missing": holds(tgz(dict(list(FILES.items())[:2]))),
    "empty files": holds(tgz(dict.fromkeys(FILES, b""))),
    "no members": holds(tgz({})),
    "name up": holds(member("../../../ptb.train.txt")),
    "absolute name": holds(member("/tmp/ptbterm-lie/ptb.train.txt")),
    "name of control characters": holds(member("data/\x1b[31m/ptb.train.txt")),
    "link to a file": holds(member(TRAIN, tarfile.SYMTYPE, "/etc/passwd")),
    "hard link": holds(member(TRAIN, tarfile.LNKTYPE, "/etc/passwd")),
    "link to itself": holds(member(TRAIN, tarfile.SYMTYPE, "ptb.train.txt")),
    "device": holds(member(TRAIN, tarfile.CHRTYPE)),
    "pipe": holds(member(TRAIN, tarfile.FIFOTYPE)),
    "folder for a file": holds(member(TRAIN, tarfile.DIRTYPE)),
    "member of 8 GB claimed": holds(member(TRAIN, claims=8 * 10**9)),
}
