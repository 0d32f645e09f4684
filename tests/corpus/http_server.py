"""A real HTTP server on the loopback address that serves files from memory, and misbehaves on request."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """A file as the server gives it, and what is wrong with the way it does."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    """How many bytes the first answers send before the connection closes; later answers are whole."""
    stall_after: int | None = None
    drip_seconds: float | None = None
    """Between any two bytes."""
    length: int | None = None
    """What Content-Length claims; 0 leaves it out."""


@dataclass
class Server:
    """What is served by path, and what was asked for."""

    url: str
    files: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def ranges_asked(self, path: str) -> list[str | None]:
        return [headers.get("Range") for asked, headers in self.asked if asked == path]


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(_Handler):
        def do_GET(self) -> None:
            self.answer(server)

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        listener.shutdown()
        thread.join()
        listener.server_close()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def answer(self, server: Server) -> None:
        server.asked.append((self.path, dict(self.headers.items())))
        file = server.files.get(self.path, Served(status=404))
        start = self._start(file)
        if start > len(file.body) or (start and start == len(file.body)):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(file.body)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._head(file, start)
        body = file.body[start:]
        if file.stall_after is not None:
            self.wfile.write(body[: file.stall_after])
            server.released.wait(10)
        elif file.drip_seconds is not None:
            for byte in body:
                if server.released.wait(file.drip_seconds):
                    break
                self.wfile.write(bytes([byte]))
        elif file.cut_after:
            self.wfile.write(body[: file.cut_after.pop(0)])
        else:
            self.wfile.write(body)

    def _start(self, file: Served) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(asked[1]) if asked and file.ranges else 0

    def _head(self, file: Served, start: int) -> None:
        self.send_response(206 if start else file.status)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(file.body) - 1}/{len(file.body)}")
        length = len(file.body) - start if file.length is None else file.length
        if length:
            self.send_header("Content-Length", str(length))
        for name, value in file.headers.items():
            self.send_header(name, value)
        self.end_headers()
