"""Weights and training state in one safetensors file: written whole or not at all, and read with suspicion.

The file's metadata has one entry, `ptbterm`: a JSON object with the format's version, the `Position`, and the
SHA-256 of it and of all tensors. One entry, because safetensors writes several in no fixed order, and equal
checkpoints are equal bytes.
"""

import hashlib
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
from ptbterm.files import replacing
from ptbterm.model.language_model import LanguageModel
from ptbterm.model.tensor_names import WEIGHTS
from ptbterm.version import __version__

FORMAT: Literal[1] = 1
"""The version of a checkpoint's header."""


class Position(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far training has come: `window` windows of `epoch` (from 1) are done; `best_epoch` is 0 at first."""

    version: Literal[1] = FORMAT
    epoch: Annotated[int, Meta(ge=1)]
    window: Annotated[int, Meta(ge=0)]
    best_epoch: Annotated[int, Meta(ge=0)]
    best_valid_perplexity: float | None

    @property
    def epochs_done(self) -> int:
        """Epochs that are whole."""
        return self.epoch - 1


class _Metadata(Position, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says of itself; `sha256` is missing where it was written before there was one."""

    sha256: str = ""


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

    def check(self, expected: Mapping[str, torch.Tensor]) -> None:
        """Raise `PtbtermError`, naming the file, where a tensor lacks or is not of the shape and type expected."""
        for name, like in expected.items():
            wanted = f"{name} of shape {list(like.shape)} ({like.dtype})"
            found = self.tensors.get(name)
            if found is None:
                raise misfit(self.path, f"it has no {wanted}.")
            if (found.shape, found.dtype) != (like.shape, like.dtype):
                raise misfit(self.path, f"instead of {wanted} it has {list(found.shape)} ({found.dtype}).")

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
    version = FORMAT
    try:
        with safe_open(path, framework="pt") as file:
            header = msgspec.json.decode((file.metadata() or {}).get("ptbterm", ""), type=dict[str, Any])
            version = header.pop("version", FORMAT)
            fields = msgspec.structs.asdict(msgspec.convert(header, _Metadata))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, msgspec.DecodeError, RecursionError) as error:
        if version != FORMAT:
            raise _of_another_version(path) from error
        raise PtbtermError(f"Checkpoint {path} can't be read: {error}.") from error
    sha256 = fields.pop("sha256")
    position = Position(**fields)
    is_as_written = sha256 == _digest(tensors, position)
    if version != FORMAT and not is_as_written:
        raise _of_another_version(path)
    if version != FORMAT or (sha256 and not is_as_written):  # the former: by its digest it is ours, but for a bit
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
    weights, tensors = model.named_weights(), checkpoint.named(WEIGHTS)
    checkpoint.check({f"{WEIGHTS}{name}": parameter for name, parameter in weights.items()})
    if unexpected := tensors.keys() - weights.keys():
        raise misfit(checkpoint.path, f"the model has no {', '.join(sorted(unexpected))}.")
    with torch.no_grad():
        for name, parameter in weights.items():
            parameter.copy_(tensors[name])


def misfit(path: Path | None, reason: str) -> PtbtermError:
    """Return the error of a checkpoint that is whole, but of another run."""
    return PtbtermError(f"Checkpoint {path} does not fit the settings of its run: {reason}")
