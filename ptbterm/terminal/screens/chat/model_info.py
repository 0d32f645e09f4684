"""What the screen says of the model that answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelInfo:
    """The model that answers: its run, the corpus, and how good it is (`test 115.4 (stream)`)."""

    run: str
    corpus: str
    vocabulary_size: int
    perplexity: str = ""
