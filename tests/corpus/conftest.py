"""Fixtures of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ptbterm import environment
from tests.corpus.http_server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("PTBTERM_OFFLINE")
    with serving() as server:
        yield server


@pytest.fixture
def folder() -> Path:
    return environment.corpora() / "ptb"
