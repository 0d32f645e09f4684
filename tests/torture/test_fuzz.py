"""A share of the inputs of `python -m tests.torture.fuzz`."""

from pathlib import Path

import pytest

from tests.torture.fuzz import Fuzz


@pytest.mark.slow
def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    fuzz = Fuzz(tmp_path, seed=2)
    for number in range(10_000):
        fuzz.try_one(number)
    assert fuzz.read.total() + fuzz.refused.total() == 10_000
    assert fuzz.refused.total() > 1_000
