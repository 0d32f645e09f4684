"""Matrix products of float32 on a CPU, by the faster of the two libraries inside torch.

torch.mm calls MKL, which reaches half the speed of an AMD processor: 119 GFLOP/s per core of a Zen 5 against 250
by oneDNN.
"""

from functools import cache
from pathlib import Path

import torch


def product(
    left: torch.Tensor, right: torch.Tensor, plus: torch.Tensor | None = None, out: torch.Tensor | None = None
) -> torch.Tensor:
    """Return left (rows, inner) @ right (inner, columns), in `out` if it is given.

    `plus` is added: a bias (columns) or a matrix (rows, columns), which may be `out` itself. oneDNN allocates its
    result, which is then copied into `out`.
    """
    if not by_onednn(left, right):
        return torch.mm(left, right, out=out) if plus is None else torch.addmm(plus, left, right, out=out)
    if plus is None or plus.dim() == 1:
        result = _onednn(left, right, plus)
        return result if out is None else out.copy_(result)
    return torch.add(_onednn(left, right), plus, out=out)


def by_onednn(left: torch.Tensor, right: torch.Tensor) -> bool:
    """Whether oneDNN multiplies these; never where autograd needs the product."""
    return (
        left.dtype is torch.float32
        and left.device.type == "cpu"
        and onednn_is_faster()
        and not (torch.is_grad_enabled() and (left.requires_grad or right.requires_grad))
    )


def _onednn(left: torch.Tensor, right: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    result: torch.Tensor = torch.ops.mkldnn._linear_pointwise(left, right.t(), bias, "none", [], "")
    return result


@cache
def onednn_is_faster() -> bool:
    """Whether this is an AMD processor and torch has oneDNN."""
    cpus = Path("/proc/cpuinfo")
    is_amd = cpus.exists() and "AuthenticAMD" in cpus.read_text(encoding="utf-8", errors="replace")
    return is_amd and has_onednn()


def has_onednn() -> bool:
    """Whether torch has oneDNN and the operation that calls it for float32."""
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return available and hasattr(torch.ops.mkldnn, "_linear_pointwise")
