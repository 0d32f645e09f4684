"""Named random streams: a draw from one does not change another."""

import hashlib

import torch


def random_stream(seed: int, name: str, device: torch.device | str = "cpu") -> torch.Generator:
    """Return the stream of that name at its start; the same seed and name give the same draws."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "little") >> 1)
