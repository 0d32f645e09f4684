"""Every set of names that both the command line and the engine know, each once."""

from typing import Any, Literal, get_args

from ptbterm.errors import PtbtermError

Protocol = Literal["stream", "notebook"]
"""What a perplexity counts: every word once, in one stream; or whole windows of 30 x 20 words."""

Adapt = Literal["none", "cache", "dynamic", "both"]
"""How a model adapts to the text that it scores: neural cache, dynamic evaluation."""

Context = Literal["sentence", "stream"]
"""What a sentence is scored after: `<eos>` alone, or all the sentences before it."""

Split = Literal["train", "valid", "test"]
"""The parts of a corpus."""

Tokenizer = Literal["auto", "whitespace", "words", "ptb"]
"""How the lines of a corpus become words."""

Form = Literal["typed", "corpus"]
"""The form of a text for a model: as people type it, or as the model's corpus."""

Side = Literal["input", "output", "both"]
"""Which word vectors: the embedding's, the softmax's, or the two joined."""

OutputBias = Literal["zeros", "uniform", "unigram"]
DropoutMask = Literal["step", "window"]
Optimizer = Literal["sgd", "adamw"]
Schedule = Literal["decay", "cosine"]
MatmulPrecision = Literal["highest", "high", "medium"]


def check_choice(name: str, value: str, choices: Any) -> None:
    """Raise `PtbtermError`, naming the argument, if a value is not one of the choices."""
    *first, last = get_args(choices)
    if value not in (*first, last):
        raise PtbtermError(f"{name} must be {', '.join(first)} or {last}, not {value!r}.")
