"""Every kind of lie, once."""

from pathlib import Path

import pytest

from tests.torture.lies import LIES
from tests.torture.servers import strike


@pytest.mark.slow
@pytest.mark.parametrize("kind", LIES)
def test_server_that_lies(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PTBTERM_OFFLINE", raising=False)
    strike(kind, tmp_path)
