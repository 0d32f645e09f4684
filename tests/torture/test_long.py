"""The long works, at full length: a quarter of an hour."""

from pathlib import Path

import pytest

from tests.torture.long import WORKS


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_nothing_grows(home: Path, tmp_path: Path, work: str) -> None:
    WORKS[work](tmp_path)
