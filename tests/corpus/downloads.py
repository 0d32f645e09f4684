"""What the tests of downloading share: files, servers, and checks of what is left."""

import hashlib
import io
import random
import tarfile
from pathlib import Path

import pytest

from ptbterm.corpus.download.install import install
from ptbterm.corpus.download.transfer import Patience
from ptbterm.corpus.penn_treebank import SHA256, is_installed
from ptbterm.errors import NextStep, PtbtermError
from tests.corpus.http_server import Served, Server

FILES = {name: random.Random(name).randbytes(200_000) for name in SHA256}
SUMS = {name: hashlib.sha256(body).hexdigest() for name, body in FILES.items()}
PATIENT = Patience(connect_seconds=2, read_seconds=10, retries=2, pause_seconds=0)


def tgz(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive:
        for name, body in {"README": b"x", **files, "ptb.char.train.txt": b"c"}.items():
            info = tarfile.TarInfo(f"./simple-examples/data/{name}")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return target.getvalue()


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
