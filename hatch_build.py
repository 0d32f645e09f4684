"""The README as a package index shows it: links and pictures absolute, if the repository has an address."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

RELATIVE_TARGET = re.compile(r"(?<=\]\()(?!#|[a-z]+:)([^)\s]+)")
"""The target of a Markdown link or picture that names a file of the repository."""


class ReadmeHook(MetadataHookInterface):
    """Reads the repository's address from `project.urls.Source`, the one place where it is written.

    A substitution of hatch-fancy-pypi-readme is fixed text: it would hold the address a second and a third time.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the field `readme`. Without an address, links stay relative."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        if source:
            text = absolute_targets(text, source, tag=f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def absolute_targets(markdown: str, source: str, *, tag: str) -> str:
    """Point relative links at the pages and relative pictures at the files of a tag."""

    def absolute(match: re.Match[str]) -> str:
        kind = "raw" if Path(match[1]).suffix in {".png", ".svg"} else "blob"
        return f"{source.rstrip('/')}/{kind}/{tag}/{match[1]}"

    return RELATIVE_TARGET.sub(absolute, markdown)
