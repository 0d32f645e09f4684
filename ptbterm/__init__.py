"""Word-level LSTM language models: train, evaluate, and look at the next words."""

from ptbterm.version import __version__

__all__ = ["__version__"]
