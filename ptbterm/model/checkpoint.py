"""Weights and training state in one safetensors file: written whole or not at all, and read with suspicion.

The file's metadata has one entry, `ptbterm`: a JSON object with the format's version, the `Position`, and the
SHA-256 of it and of all tensors. One entry, because safetensors writes several in no fixed order, and equal
checkpoints are equal bytes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import torch
from msgspec import Struct
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ptbterm.atomic import replacing
from ptbterm.errors import PtbtermError
from ptbterm.model.language_model import LanguageModel
from ptbterm.version import __version__

FORMAT: Literal[1] = 1
"""The version of a checkpoint's header."""

WEIGHTS = "model."
"""What the names of the weights begin with; all other tensors are training state."""


class Position(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far training has come: `window` windows of `epoch` (from 1) are done."""

    version: Literal[1] = FORMAT
    epoch: int
    window: int
    best_epoch: int
    best_valid_perplexity: float | None

    @property
    def epochs_done(self) -> int:
        """Epochs that are whole."""
        return self.epoch - 1


class _Metadata(Position, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says of itself; `sha256` is missing where it was written before there was one."""

    sha256: str = ""


class _Versioned(Struct, frozen=True):
    """Of the metadata, what every version has."""

    version: Any = FORMAT


class AnotherVersionError(PtbtermError):
    """A checkpoint that is whole, but of a format that this ptbterm doesn't read."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and the position in training that they belong to."""

    tensors: Mapping[str, torch.Tensor]
    position: Position
    path: Path | None = None

    def copy(self) -> "Checkpoint":
        """Return the same with tensors of its own, on the CPU: training changes its tensors in place."""
        tensors = {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.tensors.items()}
        return Checkpoint(tensors, self.position, self.path)

    def named(self, prefix: str) -> dict[str, torch.Tensor]:
        """Return the tensors whose names begin with `prefix`, by the rest of their names."""
        return {
            name.removeprefix(prefix): tensor for name, tensor in self.tensors.items() if name.startswith(prefix)
        }


def save_checkpoint(checkpoint: Checkpoint, path: Path, *, before: Path | None = None) -> None:
    """Write a checkpoint, flushed to disk, in place of the one before, which is kept as `before` if that is given.

    Raises `PtbtermError` naming the file, and leaves the one before, where it can't be written.
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


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint, on the CPU; raises `PtbtermError` naming the file if it is missing or damaged.

    Raises `AnotherVersionError`, a `PtbtermError`, if it is of a format that is not read here.
    """
    if not path.is_file():
        raise PtbtermError(f"There is no checkpoint {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get("ptbterm", "")
            if msgspec.json.decode(header, type=_Versioned).version != FORMAT:
                raise _of_another_version(path)
            metadata = msgspec.json.decode(header, type=_Metadata)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, msgspec.DecodeError) as error:
        raise PtbtermError(f"Checkpoint {path} can't be read: {error}.") from error
    fields = msgspec.structs.asdict(metadata)
    sha256 = fields.pop("sha256")
    position = Position(**fields)
    if sha256 and sha256 != _digest(tensors, position):
        raise PtbtermError(f"Checkpoint {path} can't be read: its contents are not what was written.")
    return Checkpoint(tensors, position, path)


def _of_another_version(path: Path) -> AnotherVersionError:
    run = path.parents[1]
    return AnotherVersionError(
        f"Checkpoint {path} is not of format {FORMAT}, which this ptbterm {__version__} reads.",
        f"Use the ptbterm that wrote it, or train it anew: ptbterm train --preset {run / 'settings.toml'}",
    )


def _digest(tensors: Mapping[str, torch.Tensor], position: Position) -> str:
    """Return the SHA-256, in hexadecimal, of a position and of tensors in the order of their names."""
    digest = hashlib.sha256(msgspec.json.encode(position))
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load_weights(model: LanguageModel, checkpoint: Checkpoint) -> None:
    """Put a checkpoint's weights into a model; raises `PtbtermError` if they are not that model's."""
    try:
        model.load_state_dict(checkpoint.named(WEIGHTS))
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise PtbtermError(
            f"Checkpoint {checkpoint.path} does not fit the settings of its run: {reason}"
        ) from error
