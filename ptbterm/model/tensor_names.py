"""Names of the weights in a checkpoint's file, which differ from the modules' so that old runs load.

Imports no torch, so that single tensors of a file can be read without it.
"""

WEIGHTS = "model."
"""Prefix of the weights; all other tensors are training state."""
EMBEDDING = f"{WEIGHTS}embedding"
"""The input word vectors, (vocabulary, hidden)."""
SOFTMAX_WEIGHT = f"{WEIGHTS}softmax_weight"
"""The output word vectors, (hidden, vocabulary); a tied model has none."""

_PREFIXES = {"stack.": "lstm.", "softmax.": "softmax_"}


def name_in_checkpoint(name: str) -> str:
    """Return the name that a model's parameter has in a checkpoint, without `WEIGHTS`."""
    for ours, written in _PREFIXES.items():
        if name.startswith(ours):
            return written + name.removeprefix(ours)
    return name
