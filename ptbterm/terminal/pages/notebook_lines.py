"""The lines that the notebook prints, made from events."""

from ptbterm.runs.events import AnyEvent, EpochFinished, EpochStarted, Evaluated, Progress
from ptbterm.terminal.text.symbols import UNICODE


def notebook_lines(event: AnyEvent, about: str = UNICODE.about) -> list[str]:
    """Return the lines that the notebook prints for an event; empty if it prints nothing.

    `about` marks the estimates of a sampled softmax.
    """
    mark = about if isinstance(event, Progress | EpochFinished) and event.estimate else ""
    match event:
        case EpochStarted():
            return [f"Epoch {event.epoch} : Learning rate: {_rate(event.learning_rate)}"]
        case Progress(tenth=True):
            speed = f"speed: {event.words_per_second:.0f} wps"
            return [f"{event.fraction:.3f} perplexity: {mark}{event.perplexity:.3f} {speed}"]
        case EpochFinished():
            return [
                f"Epoch {event.epoch} : Train Perplexity: {mark}{event.train_perplexity:.3f}",
                f"Epoch {event.epoch} : Valid Perplexity: {event.valid_perplexity:.3f}",
            ]
        case Evaluated(split="test"):
            return [f"Test Perplexity: {event.perplexity:.3f}"]
    return []


def _rate(rate: float) -> str:
    """Return a learning rate with the notebook's three decimals, or with two digits where those would be 0.000."""
    return f"{rate:.3f}" if rate >= 0.0005 else f"{rate:.2g}"
