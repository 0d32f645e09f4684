"""Names of the weights in a checkpoint's file: older than the modules' own, and kept so that old runs load.

Needs no torch: who wants one tensor of a file need not wait for it.
"""

WEIGHTS = "model."
"""What the names of the weights begin with; all other tensors are training state."""
EMBEDDING = f"{WEIGHTS}embedding"
"""Word vectors that are read, (vocabulary, hidden)."""
SOFTMAX_WEIGHT = f"{WEIGHTS}softmax_weight"
"""Word vectors that are predicted with, (hidden, vocabulary); not there in a tied model."""

_PREFIXES = {"stack.": "lstm.", "softmax.": "softmax_"}


def name_in_checkpoint(name: str) -> str:
    """Return the name that a model's parameter has in a checkpoint, without `WEIGHTS`."""
    for ours, written in _PREFIXES.items():
        if name.startswith(ours):
            return written + name.removeprefix(ours)
    return name
