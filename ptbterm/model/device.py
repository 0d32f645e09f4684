"""Which device a name means, how many CPU threads torch uses, how exact its products are, what memory it keeps."""

import ctypes
import re
from contextlib import suppress

import torch

from ptbterm.errors import PtbtermError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Options of glibc's `mallopt`, as its malloc.h numbers them."""


def choose_device(name: str) -> torch.device:
    """Return the device of that name; `auto` is CUDA if there is one, else the CPU, never mps.

    Raises `PtbtermError` if the machine has no such device, or if that is no name of a device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    match = re.fullmatch(r"cpu|cuda(?::(\d+))?", name)
    if not match:
        raise PtbtermError(f"{name!r} is not the name of a device.", "Use auto, cpu, cuda or cuda:N.")
    if name != "cpu" and int(match[1] or 0) >= torch.cuda.device_count():
        raise PtbtermError(
            f"There is no device {name}: torch sees {torch.cuda.device_count()} CUDA devices.",
            "Use --device cpu, or install a CUDA build of torch.",
        )
    return torch.device(name)


def use_threads(threads: int) -> int:
    """Set torch's CPU threads, 0 leaving torch's own choice, and return how many it uses."""
    if threads:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def use_precision(precision: str) -> None:
    """Set how exact products of float32 matrices are: highest, high (TF32 on CUDA) or medium (bfloat16).

    cuDNN's LSTM has a setting of its own, and it would take TF32 unasked.
    """
    torch.set_float32_matmul_precision(precision)
    torch.backends.cudnn.allow_tf32 = precision != "highest"


def keep_freed_memory() -> None:
    """Let the C library, where it is glibc, keep what is freed for what is needed next, until the process ends.

    Otherwise large tensors are given back to the system, and each step takes them anew: a page fault each 4 kB.
    """
    with suppress(OSError, AttributeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(M_TRIM_THRESHOLD, -1)
        set_option(M_MMAP_MAX, 0)
