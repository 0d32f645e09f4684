"""What is taken out of archives, and which archives are refused."""

import gzip
import io
import random
import stat
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptbterm.corpus.download.unpack import unpack
from ptbterm.errors import PtbtermError

WANTED = ("a.txt", "b.txt")
GOOD = {"./set/data/a.txt": b"alpha\n" * 1000, "./set/data/b.txt": b"beta\n" * 1000, "./set/README": b"x"}


def file(name: str, body: bytes = b"") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(body)
    return info, body


def odd(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def tar(*others: tuple[tarfile.TarInfo, bytes], good: dict[str, bytes] = GOOD, mode: str = "w:gz") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        archive.addfile(odd("./set", tarfile.DIRTYPE)[0])
        for info, body in [*others, *(file(name, body) for name, body in good.items())]:
            archive.addfile(info, io.BytesIO(body))
    return target.getvalue()


def zipped(others: dict[str, bytes], mode: int = 0, good: dict[str, bytes] = GOOD) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in others.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
        for name, body in good.items():
            archive.writestr(name, body)
    return target.getvalue()


def refusal(data: bytes, tmp_path: Path, most: int = 1_000_000) -> str:
    archive, folder = tmp_path / "archive", tmp_path / "inner" / "folder"
    archive.write_bytes(data)
    folder.mkdir(parents=True)
    with pytest.raises(PtbtermError) as error:
        unpack(archive, WANTED, folder, most)
    assert {path.name for path in folder.iterdir()} <= set(WANTED)
    outside = {path for path in tmp_path.rglob("*") if not path.is_relative_to(folder)}
    assert outside == {folder.parent, archive}
    return error.value.message


@pytest.mark.parametrize("data", [tar(), tar(mode="w"), zipped({})], ids=["tgz", "tar", "zip"])
def test_the_wanted_files_and_no_other(data: bytes, tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive", tmp_path / "folder"
    archive.write_bytes(data)
    folder.mkdir()
    unpack(archive, WANTED, folder, 1_000_000)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.txt": b"alpha\n" * 1000,
        "b.txt": b"beta\n" * 1000,
    }


@pytest.mark.parametrize(
    "name", ["../evil", "set/../../evil", "/tmp/evil", "..\\evil", "C:\\evil", "../a.txt", "/a.txt"]
)
def test_names_that_lead_outside(name: str, tmp_path: Path) -> None:
    for number, data in enumerate([tar(file(name, b"evil")), zipped({name: b"evil"})]):
        place = tmp_path / str(number)
        place.mkdir()
        message = refusal(data, place)
        assert message.startswith("The archive is not safe: its member ")
        assert "outside" in message


def test_names_with_control_characters_are_shown_escaped(tmp_path: Path) -> None:
    message = refusal(tar(file("../\x1b[31m\u202eevil")), tmp_path)
    assert message.isprintable()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE], ids=["symbolic", "hard"])
@pytest.mark.parametrize("target", ["/etc/passwd", "../../../etc/passwd", "../../x"])
def test_links_to_outside(kind: bytes, target: str, tmp_path: Path) -> None:
    assert "link to outside" in refusal(tar(odd("set/link", kind, target)), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE], ids=["symbolic", "hard"])
def test_links_in_place_of_a_wanted_file(kind: bytes, tmp_path: Path) -> None:
    assert "is a link, not a file" in refusal(tar(odd("set/a.txt", kind, "set/other")), tmp_path)


def test_links_in_zip(tmp_path: Path) -> None:
    for number, (name, target, words) in enumerate(
        [
            ("set/l", b"/etc", "link to outside"),
            ("set/l", b"../../x", "link to outside"),
            ("a.txt", b"b", "not a file"),
        ]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        assert words in refusal(zipped({name: target}, stat.S_IFLNK | 0o777), place)


def test_harmless_links_are_passed_over(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(tar(odd("set/deep/link", tarfile.SYMTYPE, "../data")))
    unpack(archive, WANTED, tmp_path, 1_000_000)
    assert not (tmp_path / "link").exists()


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
@pytest.mark.parametrize("name", ["set/null", "a.txt"])
def test_devices(kind: bytes, name: str, tmp_path: Path) -> None:
    assert "is a device or a pipe" in refusal(tar(odd(name, kind)), tmp_path)


def test_devices_in_zip(tmp_path: Path) -> None:
    assert "is a device or a pipe" in refusal(zipped({"set/null": b""}, stat.S_IFCHR), tmp_path)


def test_a_wanted_file_that_is_too_large(tmp_path: Path) -> None:
    for number, data in enumerate([tar(), zipped({})]):
        place = tmp_path / str(number)
        place.mkdir()
        assert "larger than 5,999 bytes" in refusal(data, place, most=5_999)
        assert sum(path.stat().st_size for path in place.rglob("*.txt")) <= 5_999


ZEROS = bytes(17 * 1024**2)


@pytest.mark.parametrize(
    "data",
    [tar(file("set/zeros", ZEROS)), tar(file("a.txt", ZEROS)), zipped({"set/zeros": ZEROS})],
    ids=["tar", "wanted", "zip"],
)
def test_bombs(data: bytes, tmp_path: Path) -> None:
    assert len(data) < 100_000
    assert "absurd sizes" in refusal(data, tmp_path, most=100_000_000)


def test_bomb_in_a_header(tmp_path: Path) -> None:
    info = tarfile.TarInfo("set/long")
    info.pax_headers = {"comment": "0" * 17 * 1024**2}
    assert "absurd sizes" in refusal(tar((info, b"")), tmp_path)


def test_too_many_members(tmp_path: Path) -> None:
    assert "more than 10,000 members" in refusal(tar(*[file(f"set/{n}") for n in range(10_001)]), tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    assert refusal(tar(good={"a.txt": b""}), tmp_path) == "The archive does not hold b.txt."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Not found</html>" * 100,
        b"PK",
        b"\x1f\x8b",
        random.Random(0).randbytes(5000),
        gzip.compress(b"no tar"),
    ],
    ids=["empty", "html", "pk", "magic", "noise", "gzip"],
)
def test_not_an_archive(data: bytes, tmp_path: Path) -> None:
    assert refusal(data, tmp_path) == "The file is not a whole tar or zip archive."


@pytest.mark.parametrize("data", [tar(), zipped({})], ids=["tgz", "zip"])
def test_cut_off(data: bytes, tmp_path: Path) -> None:
    assert refusal(data[: len(data) // 2], tmp_path) == "The file is not a whole tar or zip archive."


def test_a_member_of_a_zip_without_a_name(tmp_path: Path) -> None:
    data = zipped({"set/other": b""}).replace(b"set/other", b"\0et/other")
    assert refusal(data, tmp_path) == "The file is not a whole tar or zip archive."


def test_unusual_compression(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", b"alpha")
    assert "compressed in an unusual way" in refusal(target.getvalue(), tmp_path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    whole=st.sampled_from([tar(), tar(mode="w"), zipped({}), zipped({"set/l": b"data"}, stat.S_IFLNK)]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    end=st.floats(0, 1),
)
def test_damage_is_refused_or_harmless(
    tmp_path: Path, whole: bytes, changes: list[tuple[float, int]], end: float
) -> None:
    data = bytearray(whole)
    for place, value in changes:
        data[int(place * len(data))] = value
    archive = tmp_path / "archive"
    archive.write_bytes(data if end > 0.5 else data[: int(end * 2 * len(data))])
    with suppress(PtbtermError):
        unpack(archive, WANTED, tmp_path, 10_000)
