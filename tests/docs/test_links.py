"""Links and pictures of the Markdown pages: each leads somewhere, each picture has a text in its place."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "ptbterm").rglob("*.md"),
    *(ROOT / "tests").rglob("*.md"),
]
EXPLANATIONS = ("architecture", "performance", "reliability")
LINK = re.compile(r"(!?)\[([^\]\[]*)\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.M | re.S)


def links(page: Path) -> list[tuple[str, str, str]]:
    """A page's links: ! for a picture, the text, the target."""
    return LINK.findall(CODE.sub("code", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for _, text, target in links(page):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        place = page.parent / name if name else page
        assert place.exists(), f"[{text}]({target})"
        assert not anchor or anchor in anchors(place), f"[{text}]({target})"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_has_an_alternative_text(page: Path) -> None:
    assert [target for picture, text, target in links(page) if picture and len(text) < 20] == []


def test_every_page_of_docs_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for _, _, target in links(index)}
    assert {page.resolve() for page in (ROOT / "docs").rglob("*.md")} - linked == {index.resolve()}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", *(f"docs/explanation/{name}.md" for name in EXPLANATIONS)])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`([\w./-]+(?:\.py|/|\.toml|\.md))`", (ROOT / page).read_text(encoding="utf-8"))
    assert len(named) >= 10
    named = [name for name in named if "/" in name.rstrip("/") and "NAME" not in name]
    assert [name for name in named if not any((base / name).exists() for base in (ROOT, ROOT / "ptbterm"))] == []
