"""Formats carry versions: a checkpoint of another one is refused, not guessed at."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from ptbterm.checkpoints import load_checkpoint
from ptbterm.errors import PtbtermError


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_checkpoint_of_another_version(tmp_path: Path, version: object) -> None:
    file = tmp_path / "mine" / "checkpoints" / "last.safetensors"
    file.parent.mkdir(parents=True)
    position = {"epoch": 1, "window": 0, "best_epoch": 0, "best_valid_perplexity": None}
    file.write_bytes(save({"model.embedding": torch.zeros(2)}, {"ptbterm": json.dumps(position)}))
    load_checkpoint(file)
    metadata = json.dumps({"version": version, **position})
    file.write_bytes(save({"model.embedding": torch.zeros(2)}, {"ptbterm": metadata}))
    with pytest.raises(PtbtermError, match=r"last\.safetensors is not in format 1") as refused:
        load_checkpoint(file)
    assert refused.value.hint == "Use the ptbterm that wrote it."
