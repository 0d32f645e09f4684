"""The checkpoint's file format: weights and training state in one safetensors file, written atomically.

Its metadata has one entry, `ptbterm`: a JSON object with the format's version, the `Position`, and the SHA-256 of
the position and of all tensors. One entry, because safetensors writes several in no fixed order, and equal
checkpoints must be equal bytes. This module does not know where a run keeps its files.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import torch
from msgspec import Meta, Struct
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ptbterm.errors import PtbtermError
from ptbterm.files import is_file, replacing
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.tensor_names import WEIGHTS
from ptbterm.settings.schema import ModelSettings
from ptbterm.version import __version__

FORMAT: Literal[1] = 1
"""The version of a checkpoint's header."""

MAX_HEADER_BYTES, MAX_COPIES = 2**20, 8
"""Limits of a checkpoint: its header has a few kB; it holds each weight and up to two moments of it."""
MAX_STATE_BYTES = 2**28
"""Limit of the LSTM state in a checkpoint."""


class Position(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in training: `window` windows of `epoch` (from 1) are done; `best_epoch` is 0 before the first."""

    version: Literal[1] = FORMAT
    epoch: Annotated[int, Meta(ge=1)]
    window: Annotated[int, Meta(ge=0)]
    best_epoch: Annotated[int, Meta(ge=0)]
    best_valid_perplexity: float | None

    @property
    def epochs_done(self) -> int:
        """The number of finished epochs."""
        return self.epoch - 1


class _Metadata(Position, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's header; files of early versions have no `sha256`."""

    sha256: str = ""


class OtherVersionError(PtbtermError):
    """An intact checkpoint of another version of the format."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and the position in training that they belong to; `path` is where they were read from."""

    tensors: Mapping[str, torch.Tensor]
    position: Position
    path: Path | None = None

    def copy(self) -> "Checkpoint":
        """Return a copy on the CPU, which further training does not change."""
        tensors = {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.tensors.items()}
        return Checkpoint(tensors, self.position, self.path)

    def check(self, expected: Mapping[str, torch.Tensor]) -> None:
        """Raise `PtbtermError`, naming the file, if a tensor is missing or not of the expected shape and type."""
        for name, like in expected.items():
            description = f"{name} of shape {list(like.shape)} ({like.dtype})"
            tensor = self.tensors.get(name)
            if tensor is None:
                raise misfit(self.path, f"{description} is missing.")
            if (tensor.shape, tensor.dtype) != (like.shape, like.dtype):
                raise misfit(self.path, f"expected {description}, not {list(tensor.shape)} ({tensor.dtype}).")

    def named(self, prefix: str) -> dict[str, torch.Tensor]:
        """Return the tensors whose names start with `prefix`, by the rest of their names."""
        return {
            name.removeprefix(prefix): tensor for name, tensor in self.tensors.items() if name.startswith(prefix)
        }


def save_checkpoint(checkpoint: Checkpoint, path: Path, *, before: Path | None = None) -> None:
    """Replace a checkpoint's file atomically, flushed to disk; the old file is kept as `before` if that is given.

    Raises `PtbtermError` naming the file if it can't be written; the old file is then untouched.
    """
    tensors = {name: tensor.detach().contiguous().cpu() for name, tensor in checkpoint.tensors.items()}
    position = msgspec.structs.asdict(checkpoint.position)
    metadata = _Metadata(**position, sha256=_digest(tensors, checkpoint.position))
    try:
        with replacing(path, before=before) as temporary:
            save_file(tensors, temporary, {"ptbterm": msgspec.json.encode(metadata).decode()})
    except (SafetensorError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise PtbtermError(f"Checkpoint {path} can't be written: {reason}.") from error


def shapes_of_weights(settings: ModelSettings, words: int) -> dict[str, torch.Tensor]:
    """Return the weights of a model of `words` words by their names, on the meta device: shapes without memory."""
    with torch.device("meta"):
        weights = LanguageModel(settings, words).named_weights()
    return {f"{WEIGHTS}{name}": parameter for name, parameter in weights.items()}


def check_size(path: Path, settings: ModelSettings, words: int, batch_size: int) -> None:
    """Raise `PtbtermError` if a checkpoint is too large for a model of `words` words; reads 8 bytes.

    A file of a few kB on disk, with a hole, may claim any size. A checkpoint holds the weights, two moments of
    each, the LSTM state of `batch_size` rows, and small things.
    """
    weights = shapes_of_weights(settings, words).values()
    weight_bytes = sum(tensor.numel() * tensor.element_size() for tensor in weights)
    state_bytes = min(8 * batch_size * settings.hidden_size * settings.num_layers, MAX_STATE_BYTES)
    try:
        with path.open("rb") as stream:
            size, header_bytes = os.fstat(stream.fileno()).st_size, int.from_bytes(stream.read(8), "little")
    except OSError as error:
        raise PtbtermError(f"Checkpoint {path} can't be read: {error.strerror}.") from error
    if size > MAX_COPIES * weight_bytes + state_bytes + MAX_HEADER_BYTES:
        raise misfit(path, f"it has {size:,} bytes.")
    if MAX_HEADER_BYTES < header_bytes < size:
        raise misfit(path, f"it has a header of {header_bytes:,} bytes.")


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint to the CPU; raises `PtbtermError` naming the file if it is missing or damaged.

    Raises `OtherVersionError`, a `PtbtermError`, if it is of another version of the format.
    """
    if not is_file(path):
        raise PtbtermError(f"Checkpoint {path} is missing.")
    version = FORMAT
    try:
        with safe_open(path, framework="pt") as file:
            header = msgspec.json.decode((file.metadata() or {}).get("ptbterm", ""), type=dict[str, Any])
            version = header.pop("version", FORMAT)
            fields = msgspec.structs.asdict(msgspec.convert(header, _Metadata))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, msgspec.DecodeError, RecursionError) as error:
        if version != FORMAT:
            raise _of_other_version(path) from error
        raise PtbtermError(f"Checkpoint {path} can't be read: {error}.") from error
    sha256 = fields.pop("sha256")
    position = Position(**fields)
    is_intact = sha256 == _digest(tensors, position)
    if version != FORMAT and not is_intact:
        raise _of_other_version(path)
    if version != FORMAT or (sha256 and not is_intact):  # another version with our digest: a flipped bit
        raise PtbtermError(f"Checkpoint {path} can't be read: its checksum does not match.")
    return Checkpoint(tensors, position, path)


def _of_other_version(path: Path) -> OtherVersionError:
    message = f"Checkpoint {path} is not in format {FORMAT}, the one that ptbterm {__version__} reads."
    return OtherVersionError(message, "Use the ptbterm that wrote it.")


def _digest(tensors: Mapping[str, torch.Tensor], position: Position) -> str:
    """Return the SHA-256, in hexadecimal, of a position and of the tensors in order of their names."""
    digest = hashlib.sha256(msgspec.json.encode(position))
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load_weights(model: LanguageModel, checkpoint: Checkpoint) -> None:
    """Copy a checkpoint's weights into a model; raises `PtbtermError` if names or shapes differ."""
    weights, tensors = model.named_weights(), checkpoint.named(WEIGHTS)
    checkpoint.check({f"{WEIGHTS}{name}": parameter for name, parameter in weights.items()})
    if unexpected := tensors.keys() - weights.keys():
        raise misfit(checkpoint.path, f"unexpected {', '.join(sorted(unexpected))}.")
    with torch.no_grad():
        for name, parameter in weights.items():
            parameter.copy_(tensors[name])


def misfit(path: Path | None, reason: str) -> PtbtermError:
    """Return the error of an intact checkpoint that is of another run."""
    return PtbtermError(
        f"Checkpoint {path} does not fit the settings of its run: {reason}",
        "Restore the run's settings.toml and checkpoints from one copy: one of them was changed.",
    )
