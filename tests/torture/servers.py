"""Servers that lie: each kind alone, then before an honest one, in the same home; nothing wrong is left of it."""

import argparse
import random
import resource
import socket
import socketserver
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ptbterm.corpus.download.install import install
from ptbterm.corpus.download.transfer import Patience
from ptbterm.errors import PtbtermError
from tests.corpus.downloads import SUMS, assert_whole
from tests.torture.lies import LIES, RESET, WHOLE, Lie, answer

PATIENCE = Patience(connect_seconds=2, read_seconds=0.5, slow_seconds=1, retries=1, pause_seconds=0)
MAX_SECONDS = 30
MAX_GROWTH_KB = 300_000


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    lie: Lie


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        path = self.rfile.readline().split()[1]
        start = 0
        while line := self.rfile.readline().strip():
            if line.lower().startswith(b"range: bytes="):
                start = int(line[13:].rstrip(b"-"))
        assert isinstance(self.server, _Listener)
        with suppress(OSError):
            if path == b"/honest.tgz":
                self.wfile.write(answer(f"HTTP/1.1 200 OK|Content-Length: {len(WHOLE)}", WHOLE))
                return
            for piece in self.server.lie(start):
                if piece == RESET:
                    self._reset()
                    return
                self.wfile.write(piece)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for stream in (self.rfile, self.wfile, self.connection):
            stream.close()


@contextmanager
def serving(lie: Lie) -> Iterator[str]:
    with _Listener(("127.0.0.1", 0), _Handler) as listener:
        listener.lie = lie
        threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.server_address[1]}"
        listener.shutdown()


def strike(kind: str, folder: Path) -> None:
    """Download from a server that lies, alone and before an honest source; raises `AssertionError`."""
    corpora = folder / "home" / "corpora"
    began, memory = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serving(LIES[kind]) as url:
        try:
            install(corpora / "ptb", [f"{url}/lie.tgz"], sums=SUMS, patience=PATIENCE)
        except PtbtermError as error:
            lines = error.message.splitlines()
            assert len(lines) == 2, lines
            assert all(line.isprintable() for line in lines), lines
        else:
            assert_whole(corpora / "ptb")
        install(corpora / "ptb", [f"{url}/lie.tgz", f"{url}/honest.tgz"], sums=SUMS, patience=PATIENCE)
    assert_whole(corpora / "ptb")
    assert {path.name for path in folder.iterdir()} == {"home"}, "something was written outside of the home"
    assert time.monotonic() - began < MAX_SECONDS, "it took too long"
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    assert growth < MAX_GROWTH_KB, f"memory grew by {growth} kB"


def main() -> None:
    """Strike with every kind, in an order drawn from the seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strikes", type=int, default=len(LIES))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}")
    kinds = random.Random(options.seed).choices(list(LIES), k=max(0, options.strikes - len(LIES)))
    kinds = (random.Random(options.seed).sample(list(LIES), len(LIES)) + kinds)[: options.strikes]
    began = time.monotonic()
    for kind in kinds:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            try:
                strike(kind, Path(folder))
            except Exception as error:  # noqa: BLE001
                sys.exit(f"{kind}: {type(error).__name__}: {error}\nRepeat it with --seed {options.seed}.")
        print(f"1 {kind}")
    print(f"{len(kinds)} strikes of {len(set(kinds))} kinds, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
