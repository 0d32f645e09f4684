"""The facts of the model that the chat shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelInfo:
    """The model's run, corpus, vocabulary and perplexity (`test 115.4 (stream)`)."""

    run: str
    corpus: str
    vocabulary_size: int
    perplexity: str = ""
