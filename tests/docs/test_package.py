"""The package that a build makes: its README as a package index shows it, and its source archive."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.process


ROOT = Path(__file__).parents[2]
ADDRESS = "https://example.org/someone/ptbterm"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a build reads of the repository, without an address, in a folder where it may be changed."""
    copy = tmp_path / "ptbterm"
    for name in ["README.md", "SECURITY.md", "LICENSE", "pyproject.toml", "hatch_build.py"]:
        copy.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy)
    project = copy / "pyproject.toml"
    project.write_text(re.sub(r"(?m)^\[project\.urls\]\n[^\[]*", "", project.read_text("utf-8")), encoding="utf-8")
    shutil.copytree(ROOT / "ptbterm", copy / "ptbterm", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def build(checkout: Path, target: str) -> Path:
    """Build a wheel or a source archive; return it."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", "dist"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (built,) = (checkout / "dist").iterdir()
    return built


def readme_of(wheel: Path) -> str:
    """The description in a wheel's METADATA."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    assert metadata["Description-Content-Type"] == "text/markdown"
    return str(metadata.get_payload())


def set_address(checkout: Path) -> None:
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(f'\n[project.urls]\nSource = "{ADDRESS}"\n')


def test_links_stay_relative_where_the_repository_has_no_address(checkout: Path) -> None:
    assert readme_of(build(checkout, "wheel")) == (ROOT / "README.md").read_text(encoding="utf-8")


def test_links_and_pictures_become_absolute_by_the_one_address(checkout: Path) -> None:
    from ptbterm import __version__

    set_address(checkout)
    readme = checkout / "README.md"
    readme.write_text(
        "[a](docs/a.md) ![b](assets/b.svg) [![c](assets/c.png)](docs/c.md#part) [d](#d) [e](https://example.org/)"
    )
    assert readme_of(build(checkout, "wheel")) == (
        f"[a]({ADDRESS}/blob/v{__version__}/docs/a.md) ![b]({ADDRESS}/raw/v{__version__}/assets/b.svg) "
        f"[![c]({ADDRESS}/raw/v{__version__}/assets/c.png)]({ADDRESS}/blob/v{__version__}/docs/c.md#part) "
        "[d](#d) [e](https://example.org/)"
    )


def test_no_link_of_the_readme_stays_relative(checkout: Path) -> None:
    set_address(checkout)
    text = readme_of(build(checkout, "wheel"))
    assert f"]({ADDRESS}/raw/" in text
    assert f"]({ADDRESS}/blob/" in text
    assert "](docs/" not in text
    assert "](assets/" not in text


def test_a_wheel_can_be_built_from_the_source_archive(checkout: Path, tmp_path: Path) -> None:
    with tarfile.open(build(checkout, "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert (unpacked / "SECURITY.md").is_file()
    assert readme_of(build(unpacked, "wheel")) == (ROOT / "README.md").read_text(encoding="utf-8")
