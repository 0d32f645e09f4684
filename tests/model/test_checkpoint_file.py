"""The checkpoint's file format: what is written is read back, and damage is detected."""

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from ptbterm.checkpoints import Checkpoint, Position, load_checkpoint, load_weights, save_checkpoint
from ptbterm.errors import PtbtermError
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.random_streams import random_stream
from ptbterm.settings.schema import ModelSettings
from tests.full_disk import full_disk

POSITION = Position(epoch=3, window=7, best_epoch=2, best_valid_perplexity=123.456789012345678)
TENSORS = {
    "model.embedding": torch.rand(4, 3, generator=random_stream(1, "weights")),
    "dropout_stream": random_stream(1, "dropout").get_state(),
    "cost_sum": torch.tensor(1 / 3, dtype=torch.float64),
}

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "last.safetensors"


def network(seed: int = 1, hidden_size: int = 8, *, tied: bool = False) -> LanguageModel:
    model = LanguageModel(ModelSettings(hidden_size=hidden_size, tied=tied), 12)
    model.reset_parameters(seed)
    return model


def checkpoint_of(model: LanguageModel) -> Checkpoint:
    return Checkpoint({f"model.{name}": weights for name, weights in model.named_weights().items()}, POSITION)


def refusal(path: Path) -> str:
    with pytest.raises(PtbtermError) as error:
        load_checkpoint(path)
    assert str(path) in error.value.message
    return error.value.message


@pytest.mark.parametrize(
    "position", [POSITION, Position(epoch=1, window=0, best_epoch=0, best_valid_perplexity=None)]
)
def test_what_is_written_is_read(path: Path, position: Position) -> None:
    save_checkpoint(Checkpoint(TENSORS, position), path)
    checkpoint = load_checkpoint(path)
    assert checkpoint.position == position
    assert checkpoint.path == path
    assert checkpoint.tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert checkpoint.tensors[name].dtype == tensor.dtype
        assert torch.equal(checkpoint.tensors[name], tensor)


def test_finished_epochs() -> None:
    assert POSITION.epochs_done == 2


def test_equal_checkpoints_are_equal_bytes(path: Path) -> None:
    turned = dict(reversed(TENSORS.items()))
    written = set()
    for tensors in (TENSORS, TENSORS, turned, turned):
        save_checkpoint(Checkpoint(tensors, POSITION), path)
        written.add(path.read_bytes())
    assert len(written) == 1


@pytest.mark.parametrize("tied", [False, True])
def test_weights_are_restored_into_a_model_of_that_size(path: Path, tied: bool) -> None:
    trained, other = network(1, tied=tied), network(2, tied=tied)
    save_checkpoint(checkpoint_of(trained), path)
    load_weights(other, load_checkpoint(path))
    for expected, found in zip(trained.parameters(), other.parameters(), strict=True):
        assert torch.equal(expected, found)


@pytest.mark.parametrize("stranger", [network(hidden_size=7), network(tied=True)], ids=["size", "tied"])
def test_weights_of_another_model_are_refused(path: Path, stranger: LanguageModel) -> None:
    save_checkpoint(checkpoint_of(stranger), path)
    with pytest.raises(PtbtermError) as error:
        load_weights(network(), load_checkpoint(path))
    assert error.value.message.startswith(f"Checkpoint {path} does not fit the settings of its run: ")
    assert "\n" not in error.value.message


def test_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").endswith(" is missing.")
    assert refusal(tmp_path).endswith(" is missing.")


@pytest.mark.parametrize(
    "data",
    [
        b"garbage" * 100,
        bytes(1000),
        b"\xff" * 1000,
        save(TENSORS),
        save(TENSORS, {"ptbterm": "[]"}),
        save(TENSORS, {"ptbterm": '{"epoch": 1}'}),
        save(TENSORS, {"ptbterm": '{"epoch": 1, "window": 0, "best_epoch": "x", "best_valid_perplexity": null}'}),
        save(TENSORS, {"ptbterm": '{"epoch": 0, "window": 0, "best_epoch": 0, "best_valid_perplexity": null}'}),
        save(TENSORS, {"ptbterm": '{"epoch": 1, "window": -1, "best_epoch": 0, "best_valid_perplexity": null}'}),
        save(TENSORS, {"ptbterm": '{"epoch": 1, "window": 0, "best_epoch": -1, "best_valid_perplexity": null}'}),
        save(TENSORS, {"ptbterm": '{"version": ' + "[" * 100_000}),
    ],
    ids=[
        "garbage",
        "zeros",
        "ones",
        "foreign",
        "no position",
        "half a position",
        "wrong type",
        "epoch 0",
        "a window before the first",
        "a best epoch before the first",
        "no end to the depth",
    ],
)
def test_not_a_checkpoint(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert refusal(path).startswith(f"Checkpoint {path} can't be read: ")


@same_folder
@given(share=st.floats(0, 1, exclude_max=True))
def test_cut_off_anywhere(path: Path, share: float) -> None:
    save_checkpoint(Checkpoint(TENSORS, POSITION), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert refusal(path).startswith(f"Checkpoint {path} can't be read: ")


@same_folder
@given(bit=st.integers(0, 8 * 5_500 - 1))
def test_any_flipped_bit_is_found(path: Path, bit: int) -> None:
    save_checkpoint(Checkpoint(TENSORS, POSITION), path)
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    assert refusal(path).startswith(f"Checkpoint {path} can't be read: ")


def test_any_flipped_bit_of_the_header_is_found(path: Path) -> None:
    """Even if it changes the version: the file is damaged, not from a later ptbterm."""
    save_checkpoint(Checkpoint({"cost_sum": TENSORS["cost_sum"]}, POSITION), path)
    whole = path.read_bytes()
    first, last = whole.index(b"{"), whole.index(b"}}")
    for bit in range(8 * first, 8 * last):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        assert refusal(path).startswith(f"Checkpoint {path} can't be read: ")


def test_a_changed_number_fails_the_checksum(path: Path) -> None:
    save_checkpoint(Checkpoint(TENSORS, POSITION), path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert refusal(path) == f"Checkpoint {path} can't be read: its checksum does not match."


def test_files_from_before_checksums_are_read(path: Path) -> None:
    old = '{"version":1,"epoch":3,"window":7,"best_epoch":2,"best_valid_perplexity":123.45678901234568}'
    path.write_bytes(save(TENSORS, {"ptbterm": old}))
    checkpoint = load_checkpoint(path)
    assert checkpoint.position == POSITION
    assert checkpoint.tensors.keys() == TENSORS.keys()


def test_the_previous_file_is_kept(path: Path) -> None:
    before = path.with_name("previous.safetensors")
    positions = [Position(epoch=1, window=n, best_epoch=0, best_valid_perplexity=None) for n in range(3)]
    for position in positions:
        save_checkpoint(Checkpoint(TENSORS, position), path, before=before)
    assert [load_checkpoint(file).position for file in (before, path)] == positions[1:]


def test_a_write_that_fails_half_way_leaves_the_old_one(path: Path) -> None:
    save_checkpoint(Checkpoint(TENSORS, POSITION), path)
    old = path.read_bytes()
    with full_disk(len(old)), pytest.raises(PtbtermError, match=f"^Checkpoint {path} can't be written: "):
        save_checkpoint(Checkpoint({"model.embedding": torch.zeros(len(old))}, POSITION), path)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]
