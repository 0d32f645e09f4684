"""Word-level LSTM language models: train, evaluate, and look at the next words."""

from typing import TYPE_CHECKING

from ptbterm.version import __version__

if TYPE_CHECKING:
    from ptbterm.errors import PtbtermError
    from ptbterm.inference.embeddings import Neighbor
    from ptbterm.inference.trained_model import TrainedModel, load
    from ptbterm.runs.events import NextWord

__all__ = ["Neighbor", "NextWord", "PtbtermError", "TrainedModel", "__version__", "load"]

_HOMES = {
    "Neighbor": "ptbterm.inference.embeddings",
    "NextWord": "ptbterm.runs.events",
    "PtbtermError": "ptbterm.errors",
    "TrainedModel": "ptbterm.inference.trained_model",
    "load": "ptbterm.inference.trained_model",
}


def __getattr__(name: str) -> object:
    """Import a public name on its first use: torch takes seconds."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ptbterm' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
