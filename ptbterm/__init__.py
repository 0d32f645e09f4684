"""Word-level LSTM language models for the terminal and for Python: train, evaluate, predict, score."""

from ptbterm import environment
from ptbterm.version import __version__

TYPE_CHECKING = False  # type checkers take it for True; typing.py in the current folder is not imported

if TYPE_CHECKING:
    from ptbterm.errors import PtbtermError
    from ptbterm.inference.embeddings import Neighbor
    from ptbterm.inference.generation import Sampling
    from ptbterm.inference.surprisal import WordSurprisal
    from ptbterm.inference.trained_model import TrainedModel, load
    from ptbterm.runs.events import NextWord

__all__ = [
    "Neighbor",
    "NextWord",
    "PtbtermError",
    "Sampling",
    "TrainedModel",
    "WordSurprisal",
    "__version__",
    "load",
]

_MODULES = {
    "Neighbor": "ptbterm.inference.embeddings",
    "NextWord": "ptbterm.runs.events",
    "PtbtermError": "ptbterm.errors",
    "Sampling": "ptbterm.inference.generation",
    "TrainedModel": "ptbterm.inference.trained_model",
    "WordSurprisal": "ptbterm.inference.surprisal",
    "load": "ptbterm.inference.trained_model",
}


environment.shorten_waits()  # here, because OpenMP reads it when torch is imported


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562): torch takes seconds."""
    if name not in _MODULES:
        raise AttributeError(f"module 'ptbterm' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
