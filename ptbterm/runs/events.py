"""What happens to a run, one record an event: the only thing that viewers read while it trains.

Field names are part of the contract. `perplexity` is exp(nats / words); seconds count training alone, without
evaluation and checkpoints, except in `evaluated`, where they are the evaluation's own.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ptbterm.settings.choices import Protocol

Number = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Speed = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Event(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every event carries; the journal sets `sequence` (from 1) and `time` (UTC, ISO 8601)."""

    version: int = 1
    sequence: int = 0
    time: str = ""


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """A new run begins."""

    run: str
    preset: str
    corpus: str
    device: str
    threads: Number
    seed: int
    epochs: Number
    windows_per_epoch: Annotated[int, Meta(ge=1, le=2**53)]
    parameters: Number
    torch: str


class RunResumed(Event, frozen=True, kw_only=True, tag="run_resumed"):
    """A stopped, killed or failed run goes on after so many windows of `epoch`; `changed` is key -> value."""

    run: str
    epoch: Number
    window: Number
    changed: dict[str, object]


class EpochStarted(Event, frozen=True, kw_only=True, tag="epoch_started"):
    """A pass over the training text begins, or goes on after a resume."""

    epoch: Number
    learning_rate: float


class Progress(Event, frozen=True, kw_only=True, tag="progress"):
    """Perplexity and words per second since the epoch began, read after window number `window` (from 0).

    `recent_words_per_second` is the speed since the report before; `tenth` marks the ten reports of an epoch that
    the notebook prints.
    """

    epoch: Number
    fraction: Share
    window: Number
    tenth: bool = True
    perplexity: float
    estimate: bool
    loss: float
    words_per_second: Speed
    recent_words_per_second: Speed = 0.0
    learning_rate: float
    gradient_norm: float
    seconds_left: float
    training_seconds: Seconds


class EpochFinished(Event, frozen=True, kw_only=True, tag="epoch_finished"):
    """A pass over the training text has ended and the valid split was scored; `training_seconds` in it."""

    epoch: Number
    train_perplexity: float
    estimate: bool
    valid_perplexity: float
    words_per_second: Speed
    training_seconds: Seconds
    best: bool


class Evaluated(Event, frozen=True, kw_only=True, tag="evaluated"):
    """A split was scored; `floor_perplexity` is that of the demo corpus's own grammar on the same words."""

    run: str
    preset: str
    corpus: str
    split: str
    protocol: Protocol
    adapt: str = "none"
    words: Number
    unknown_words: Number
    perplexity: float
    bits_per_word: float
    floor_perplexity: float | None
    seconds: Seconds
    epoch: Number


class CheckpointSaved(Event, frozen=True, kw_only=True, tag="checkpoint_saved"):
    """The run can go on from here: after `window` windows of `epoch`."""

    checkpoint: str
    epoch: Number
    window: Number


class Warned(Event, frozen=True, kw_only=True, tag="warning"):
    """Something went wrong that does not end the run: a checkpoint that is damaged, a disk that is full."""

    message: str
    hint: str


def result(event: Event) -> dict[str, object]:
    """Return the event's own fields, without kind, version, sequence and time."""
    envelope = {"kind", *Event.__struct_fields__}
    return {name: value for name, value in msgspec.to_builtins(event).items() if name not in envelope}


class NextWord(Struct, frozen=True):
    """A word and the probability that it comes next."""

    word: str
    probability: float


class WatchedContext(Struct, frozen=True):
    """A context and its most probable next words, the likeliest first."""

    context: str
    next_words: tuple[NextWord, ...]


class Glimpse(Event, frozen=True, kw_only=True, tag="glimpse"):
    """What the model expects by now: ranked next words for watched contexts, and a line it generates."""

    epoch: Number
    fraction: Share
    contexts: tuple[WatchedContext, ...]
    generated: str


class RunStopped(Event, frozen=True, kw_only=True, tag="run_stopped"):
    """The run was asked to stop; it is saved after `window` windows of `epoch`."""

    epoch: Number
    window: Number
    training_seconds: Seconds
    checkpoint: str


class RunFinished(Event, frozen=True, kw_only=True, tag="run_finished"):
    """All epochs are done; `checkpoint` is the one to use, from the epoch with the best valid perplexity."""

    best_epoch: Number
    best_valid_perplexity: float
    training_seconds: Seconds
    checkpoint: str


class RunAdapted(Event, frozen=True, kw_only=True, tag="run_adapted"):
    """The run is a model of another run that learnt from a text as it read it; `perplexity` is that of reading."""

    run: str
    adapted_from: str
    words: Number
    perplexity: float
    learning_rate: float
    checkpoint: str


class RunFailed(Event, frozen=True, kw_only=True, tag="run_failed"):
    """The run ended by an error."""

    reason: str
    hint: str

    @property
    def sentence(self) -> str:
        """The reason, and what to do."""
        return f"{self.reason} {self.hint}".strip()


AnyEvent = (
    RunStarted
    | RunResumed
    | EpochStarted
    | Progress
    | EpochFinished
    | Evaluated
    | CheckpointSaved
    | Warned
    | Glimpse
    | RunStopped
    | RunFinished
    | RunAdapted
    | RunFailed
)
