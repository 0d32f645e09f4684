"""Which device a name means, and how many CPU threads torch uses."""

import torch

from ptbterm.errors import PtbtermError


def choose_device(name: str) -> torch.device:
    """Return the device of that name; `auto` is CUDA if there is one, else the CPU, never mps.

    Raises `PtbtermError` if the machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise PtbtermError(
            f"There is no device {name}: torch sees {torch.cuda.device_count()} CUDA devices.",
            "Use --device cpu, or install a CUDA build of torch.",
        )
    return device


def use_threads(threads: int) -> int:
    """Set torch's CPU threads, 0 leaving torch's own choice, and return how many it uses."""
    if threads:
        torch.set_num_threads(threads)
    return torch.get_num_threads()
