"""Process-wide settings of torch: device, CPU threads, precision of products, memory kept."""

import ctypes
import re
from contextlib import suppress

import torch

from ptbterm.errors import PtbtermError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Options of glibc's `mallopt`, as its malloc.h numbers them."""


def choose_device(name: str) -> torch.device:
    """Return the device of that name; `auto` is CUDA if there is one, else the CPU, never mps.

    Raises `PtbtermError` if the name is invalid or the machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    match = re.fullmatch(r"cpu|cuda(?::(\d+))?", name)
    if not match:
        raise PtbtermError(f"{name!r} is not the name of a device.", "Use auto, cpu, cuda or cuda:N.")
    devices = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    if name != "cpu" and int(match[1] or 0) >= len(devices):
        raise PtbtermError(
            f"Device {name} is not available: torch sees {', '.join(devices) or 'no CUDA device'}.",
            "Use one of these, or cpu." if devices else "Use cpu, or install a CUDA build of torch.",
        )
    return torch.device(name)


def use_threads(threads: int) -> int:
    """Set the number of torch's CPU threads, 0 = torch's own choice; return the number in use."""
    if threads:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def use_precision(precision: str) -> None:
    """Set the precision of float32 products: highest, high (TF32 on CUDA) or medium (bfloat16).

    cuDNN's LSTM has a setting of its own, which torch leaves at TF32.
    """
    torch.set_float32_matmul_precision(precision)
    torch.backends.cudnn.allow_tf32 = precision != "highest"


def keep_freed_memory() -> None:
    """Let glibc, if it is the C library, keep freed memory for the next step until the process ends.

    Otherwise large tensors return to the system after each step, and the next one pays a page fault for each 4 kB:
    with a vocabulary of 50,000, a step takes 1.4 times as long (AMD EPYC, Zen 5, 2 threads).
    """
    with suppress(OSError, AttributeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(M_TRIM_THRESHOLD, -1)
        set_option(M_MMAP_MAX, 0)
