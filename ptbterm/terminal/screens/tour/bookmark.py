"""The place in the tour: the last step and the steps seen, in one small file."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ptbterm.files import replacing


class Bookmark(Struct, frozen=True, kw_only=True):
    """The last step shown and all steps seen; numbered from 1."""

    version: Literal[1] = 1
    step: Annotated[int, Meta(ge=1)] = 1
    seen: tuple[int, ...] = ()

    def at(self, step: int) -> "Bookmark":
        """Return the bookmark at a step, which counts as seen."""
        return Bookmark(step=step, seen=tuple(sorted({*self.seen, step})))


def read_bookmark(path: Path) -> Bookmark:
    """Return the bookmark; step 1 if it is missing or invalid."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Bookmark)
    except (OSError, msgspec.DecodeError):
        return Bookmark()


def write_bookmark(path: Path, bookmark: Bookmark) -> None:
    """Write the bookmark atomically; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(msgspec.json.encode(bookmark))
