"""Which device a name means, how many CPU threads torch uses, and how exact its products are."""

import re

import torch

from ptbterm.errors import PtbtermError


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
