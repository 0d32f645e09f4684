"""Matrix products of float32 on a CPU, by the faster of the two libraries that torch has in it.

torch calls MKL, which on AMD's processors reaches half of their speed; oneDNN reaches all of it.
"""

from functools import cache
from pathlib import Path

import torch


def product(
    left: torch.Tensor, right: torch.Tensor, plus: torch.Tensor | None = None, out: torch.Tensor | None = None
) -> torch.Tensor:
    """Return left (rows, inner) @ right (inner, columns), in `out` where it is given.

    `plus` is added, a bias (columns) or a matrix (rows, columns), which may be `out` itself. With oneDNN memory is
    taken anew, and copied into `out`.
    """
    if not by_onednn(left, right):
        return torch.mm(left, right, out=out) if plus is None else torch.addmm(plus, left, right, out=out)
    if plus is None or plus.dim() == 1:
        found = _onednn(left, right, plus)
        return found if out is None else out.copy_(found)
    return torch.add(_onednn(left, right), plus, out=out)


def by_onednn(left: torch.Tensor, right: torch.Tensor) -> bool:
    """Return whether oneDNN multiplies these; it is never part of a gradient's graph."""
    return (
        left.dtype is torch.float32
        and left.device.type == "cpu"
        and onednn_is_faster()
        and not (torch.is_grad_enabled() and (left.requires_grad or right.requires_grad))
    )


def _onednn(left: torch.Tensor, right: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(left, right.t(), bias, "none", [], "")
    return found


@cache
def onednn_is_faster() -> bool:
    """Return whether this processor is one of AMD's, and torch has oneDNN."""
    cpus = Path("/proc/cpuinfo")
    is_amd = cpus.exists() and "AuthenticAMD" in cpus.read_text(encoding="utf-8", errors="replace")
    return is_amd and has_onednn()


def has_onednn() -> bool:
    """Return whether torch has oneDNN, and the operation that reaches it for float32."""
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return available and hasattr(torch.ops.mkldnn, "_linear_pointwise")
