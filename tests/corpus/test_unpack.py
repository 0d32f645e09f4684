"""What is extracted from archives, and which archives are refused."""

import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptbterm.corpus.download.unpack import unpack
from ptbterm.errors import PtbtermError

WANTED = ("a.txt", "b.txt")
GOOD = {"./set/data/a.txt": b"alpha\n" * 1000, "./set/data/b.txt": b"beta\n" * 1000, "./set/README": b"x"}


def tar(files: dict[str, bytes] = GOOD, mode: str = "w:gz", headers: dict[str, str] | None = None) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.pax_headers = len(body), headers or {}
            archive.addfile(info, io.BytesIO(body))
    return target.getvalue()


def tar_of_links(kind: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in WANTED:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/hostname"
            archive.addfile(info)
    return target.getvalue()


def zipped(files: dict[str, bytes] = GOOD) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return target.getvalue()


def unpacked(data: bytes, tmp_path: Path, max_file_bytes: int = 10_000, **limits: int) -> dict[str, bytes]:
    archive, folder = tmp_path / "archive", tmp_path / "folder"
    archive.write_bytes(data)
    folder.mkdir(exist_ok=True)
    unpack(archive, WANTED, folder, max_file_bytes, **limits)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(data: bytes, tmp_path: Path, max_file_bytes: int = 10_000, **limits: int) -> str:
    with pytest.raises(PtbtermError) as error:
        unpacked(data, tmp_path, max_file_bytes, **limits)
    return error.value.message


@pytest.mark.parametrize("data", [tar(), tar(mode="w"), zipped()], ids=["tgz", "tar", "zip"])
def test_the_wanted_files_and_no_other(data: bytes, tmp_path: Path) -> None:
    assert unpacked(data, tmp_path) == {"a.txt": b"alpha\n" * 1000, "b.txt": b"beta\n" * 1000}


@pytest.mark.parametrize("pack", [tar, zipped])
@pytest.mark.parametrize("start", ["../", "/", "../../folder/../"])
def test_files_are_written_to_the_folder_wherever_they_claim_to_be(
    pack: Callable[[dict[str, bytes]], bytes], start: str, tmp_path: Path
) -> None:
    archive = pack({f"{start}{name}": b"x" for name in (*WANTED, "evil.txt")})
    assert unpacked(archive, tmp_path) == {"a.txt": b"x", "b.txt": b"x"}
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "folder"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_no_files(kind: bytes, tmp_path: Path) -> None:
    assert refusal(tar_of_links(kind), tmp_path) == "The archive does not contain a.txt, b.txt."


@pytest.mark.parametrize("data", [tar(), zipped()], ids=["tgz", "zip"])
def test_a_wanted_file_that_is_too_large(data: bytes, tmp_path: Path) -> None:
    assert "in the archive has more than 4,999 bytes" in refusal(data, tmp_path, 4_999)
    assert all(path.stat().st_size <= 4_999 for path in (tmp_path / "folder").iterdir())


@pytest.mark.parametrize(
    "data",
    [tar({"set/zeros": bytes(2**20)}), tar({"set/long": b""}, headers={"comment": "0" * 2**20})],
    ids=["file", "header"],
)
def test_a_tar_that_is_too_large_when_unpacked(data: bytes, tmp_path: Path) -> None:
    assert len(data) < 10_000
    assert "more than 1,000,000 bytes when unpacked" in refusal(data, tmp_path, max_unpacked_bytes=1_000_000)


def test_missing_files_are_named(tmp_path: Path) -> None:
    assert refusal(tar({"a.txt": b""}), tmp_path) == "The archive does not contain b.txt."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Not found</html>" * 100,
        b"PK",
        b"\x1f\x8b",
        random.Random(0).randbytes(5000),
        gzip.compress(b"no tar"),
        tar()[: len(tar()) // 2],
        zipped()[: len(zipped()) // 2],
    ],
    ids=["empty", "html", "pk", "magic", "noise", "gzip", "half a tar", "half a zip"],
)
def test_not_an_archive(data: bytes, tmp_path: Path) -> None:
    assert refusal(data, tmp_path) == "The file is not a complete tar or zip archive."


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    whole=st.sampled_from([tar(), tar(mode="w"), zipped()]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    end=st.floats(0, 1),
)
def test_damage_is_refused_or_harmless(
    tmp_path: Path, whole: bytes, changes: list[tuple[float, int]], end: float
) -> None:
    data = bytearray(whole)
    for place, value in changes:
        data[int(place * len(data))] = value
    with suppress(PtbtermError):
        unpacked(bytes(data if end > 0.5 else data[: int(end * 2 * len(data))]), tmp_path)
