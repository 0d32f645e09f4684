"""The pages of docs/reference/ agree with the program: generated from it, or compared with it."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from safetensors import safe_open

from ptbterm.cli.score_rows import MORE_FIELDS, PAIR_FIELDS, PLACE_FIELDS, WORD_FIELDS
from ptbterm.errors import ExitCode
from ptbterm.runs.run import Run
from scripts.reference import BLOCKS, PAGES, as_written_today

ROOT = Path(__file__).parents[2]


def text_of(page: str) -> str:
    return (PAGES / page).read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """What the first cells of a page's tables hold: names as code, or numbers."""
    cells = re.findall(r"^\| ([^|]+) \|", text, re.M)
    return [name for cell in cells for names in re.findall(r"`([^`]+)`|^(\d+)$", cell) for name in names if name]


@pytest.mark.parametrize("page", sorted(page.name for page in PAGES.glob("*.md")))
def test_a_page_is_as_the_program_writes_it_today(page: str) -> None:
    assert text_of(page) == as_written_today(text_of(page)), "run: python -m scripts.reference"


def test_every_block_is_on_a_page() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    assert sorted(re.findall(r"<!-- begin (\w+) -->", pages)) == sorted(BLOCKS)


def test_a_block_that_lags_behind_is_written_again() -> None:
    page = "before\n<!-- begin tensors -->\nold\n<!-- end tensors -->\nafter\n"
    assert as_written_today(page) != page
    assert as_written_today(as_written_today(page)) == as_written_today(page)
    assert as_written_today(page).startswith("before\n<!-- begin tensors -->\n| tensor | shape |\n")


def test_the_columns_of_score() -> None:
    sections = re.split(r"^## ", text_of("score.md"), flags=re.M)
    tables = {heading: first_cells(rest) for heading, _, rest in (part.partition("\n") for part in sections)}
    assert tuple(tables["One row per word"]) == (*PLACE_FIELDS, *WORD_FIELDS)
    assert tuple(tables["With `--with NAME`"]) == tuple(MORE_FIELDS)
    assert tuple(tables["One row per pair, with `--pairs`"]) == PAIR_FIELDS


def test_the_environment_variables() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "ptbterm").rglob("*.py"))
    read = set(re.findall(r"""environ(?:\.get\(|\[)["'](\w+)""", source)) | set(re.findall(r"PTBTERM_\w+", source))
    listed = set(first_cells(text_of("environment.md")))
    assert read - listed <= {"COLORTERM"}, "add them to docs/reference/environment.md"
    assert {name for name in listed if name.startswith("PTBTERM_")} <= read


def test_the_exit_codes() -> None:
    codes = {int(cell) for cell in first_cells(text_of("environment.md")) if cell.isdigit()}
    assert codes == set(ExitCode)


def test_the_files_of_a_run() -> None:
    files = [
        value for name in dir(Run) if isinstance(value := getattr(Run, name), property) and name.endswith("_file")
    ]
    names = {file.fget(Run(Path("run"))).name for file in files if file.fget}
    assert len(names) >= 6
    assert names <= set(first_cells(text_of("run-format.md")))


@pytest.mark.parametrize("run", ["harbor", "harbor-fast"])
def test_the_tensors_of_a_checkpoint(run: str) -> None:
    listed = first_cells(text_of("checkpoint.md"))
    with safe_open(ROOT / "tests" / "examples" / "runs" / run / "checkpoints" / "last.safetensors", "pt") as file:
        for name in file.keys():  # noqa: SIM118
            assert any(fnmatch(name, pattern) for pattern in listed), name
