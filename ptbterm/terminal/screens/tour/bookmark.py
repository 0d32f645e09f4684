"""Where the tour was left: the last step and the steps seen, in one small file."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ptbterm.files import replacing


class Bookmark(Struct, frozen=True, kw_only=True):
    """The step that was shown last, and all that were seen; counted from 1."""

    version: Literal[1] = 1
    step: Annotated[int, Meta(ge=1)] = 1
    seen: tuple[int, ...] = ()

    def at(self, step: int) -> "Bookmark":
        """Return the bookmark moved to a step, which has then been seen."""
        return Bookmark(step=step, seen=tuple(sorted({*self.seen, step})))


def read_bookmark(path: Path) -> Bookmark:
    """Return the bookmark; the beginning where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Bookmark)
    except (OSError, msgspec.DecodeError):
        return Bookmark()


def write_bookmark(path: Path, bookmark: Bookmark) -> None:
    """Write the bookmark, whole or not at all; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(msgspec.json.encode(bookmark))
