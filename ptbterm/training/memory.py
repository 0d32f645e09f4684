"""The error of a training that runs out of memory, on the device or in the machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ptbterm.errors import NextStep, PtbtermError
from ptbterm.model.device import choose_device
from ptbterm.runs.run import Run
from ptbterm.settings.schema import Settings

MESSAGES = (
    "DefaultCPUAllocator: can't allocate memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
"""Parts of torch's messages when memory runs out without an error class of its own."""


@contextmanager
def enough_memory(run: Run, settings: Settings) -> Iterator[None]:
    """Turn an out-of-memory error of torch or Python into a `PtbtermError` that names the settings that matter."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        training, model = settings.training, settings.model
        device = choose_device(training.device)
        raise PtbtermError(
            f"Out of memory ({device}) with model.hidden_size={model.hidden_size},"
            f" training.batch_size={training.batch_size}, training.num_steps={training.num_steps}.",
            "Smaller values need less, and so does training.sampled_words with a large vocabulary.",
            next_step=NextStep.TRAIN_CHANGED,
            settings_file=str(run.settings_file),
            change=f"training.batch_size={max(1, training.batch_size // 2)}",
        ) from error


def is_out_of_memory(error: Exception) -> bool:
    """Whether CUDA, torch's CPU allocator or Python could not get memory."""
    if isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)):
        return True
    return any(message in str(error) for message in MESSAGES)
