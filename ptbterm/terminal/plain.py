"""Events to the notebook's own lines."""

from ptbterm.runs.events import AnyEvent, EpochFinished, EpochStarted, Evaluated, Progress


def lines(event: AnyEvent) -> list[str]:
    """Return what the notebook prints when this happens; nothing for what it has no line for."""
    match event:
        case EpochStarted():
            return [f"Epoch {event.epoch} : Learning rate: {event.learning_rate:.3f}"]
        case Progress():
            speed = f"speed: {event.words_per_second:.0f} wps"
            return [f"{event.fraction:.3f} perplexity: {event.perplexity:.3f} {speed}"]
        case EpochFinished():
            return [
                f"Epoch {event.epoch} : Train Perplexity: {event.train_perplexity:.3f}",
                f"Epoch {event.epoch} : Valid Perplexity: {event.valid_perplexity:.3f}",
            ]
        case Evaluated(split="test"):
            return [f"Test Perplexity: {event.perplexity:.3f}"]
    return []
