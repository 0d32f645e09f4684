"""`doctor`: the facts that a bug report needs, for people and for programs."""

import json
from pathlib import Path

import pytest
import torch

from ptbterm.version import __version__
from tests.commands import Command


def test_the_facts(ptbterm: Command, tiny_run: Path, home: Path) -> None:
    facts = json.loads(ptbterm("doctor", "--json").stdout)
    assert facts["ptbterm"] == __version__
    assert facts["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert facts["threads"] == torch.get_num_threads()
    assert (facts["home"], facts["runs"], facts["penn treebank"]) == (str(home), 1, "not installed")
    lines = ptbterm("doctor").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == list(facts)


def test_a_home_that_is_not_there_yet_is_not_made(
    ptbterm: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "not" / "there\x1b[31m"
    monkeypatch.setenv("PTBTERM_HOME", str(place))
    result = ptbterm("doctor")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert not place.parent.exists()


def test_a_device_that_is_not_there(ptbterm: Command) -> None:
    result = ptbterm("doctor", "--device", "cuda:99")
    assert result.exit_code == 1
    assert "Device cuda:99 is not available" in result.stderr
