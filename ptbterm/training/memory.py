"""What to say when a device, or the machine, has too little memory for a training."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ptbterm.errors import PtbtermError
from ptbterm.model.device import choose_device
from ptbterm.settings.schema import Settings

SIGNS = (
    "DefaultCPUAllocator: can't allocate memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
"""What torch says where memory runs out, but not by an error of its own class."""


@contextmanager
def enough_memory(settings: Settings) -> Iterator[None]:
    """Raise a `PtbtermError` that names the settings that matter, in place of torch's where memory runs out."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_lack_of_memory(error):
            raise
        training, model = settings.training, settings.model
        device = choose_device(training.device)
        raise PtbtermError(
            f"There is too little memory ({device}) for model.hidden_size={model.hidden_size},"
            f" training.batch_size={training.batch_size}, training.num_steps={training.num_steps}.",
            "Train a new run with less of one of them, or with training.sampled_words for a large vocabulary.",
        ) from error


def is_lack_of_memory(error: Exception) -> bool:
    """Whether CUDA, torch's CPU allocator or Python could not get memory."""
    if isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)):
        return True
    return any(sign in str(error) for sign in SIGNS)
