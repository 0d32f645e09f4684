"""The events of a run: all that viewers learn about its training.

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
SettingValue = bool | Number | float | str


class Event(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The fields of every event; the journal sets `sequence` (from 1) and `time` (UTC, ISO 8601)."""

    version: int = 1
    sequence: int = 0
    time: str = ""


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """A new run starts training."""

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
    """A run resumes after `window` windows of `epoch`; `changed` is setting -> new value."""

    run: str
    epoch: Number
    window: Number
    changed: dict[str, SettingValue]


class EpochStarted(Event, frozen=True, kw_only=True, tag="epoch_started"):
    """A pass over the training text starts, or continues after a resume."""

    epoch: Number
    learning_rate: float


class Progress(Event, frozen=True, kw_only=True, tag="progress"):
    """Training so far, after window number `window` (from 0).

    `loss` is the mean loss per word since the epoch started (nats), `perplexity` its exp; with `estimate` a
    sampled softmax estimates them. `fraction` is that of the epoch's windows. `words_per_second` is the mean since
    the epoch started or was resumed, `recent_words_per_second` since the previous `progress`. `gradient_norm` is
    the norm before clipping, `seconds_left` until the last window of the run, `training_seconds` since the run
    began, over all sessions. `tenth` marks the ten reports of an epoch that the notebook prints.
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
    """A pass over the training text ended and the valid split was scored.

    `training_seconds` is of this epoch alone; `best` if the valid perplexity is the lowest so far. `estimate` is
    as in `progress`.
    """

    epoch: Number
    train_perplexity: float
    estimate: bool
    valid_perplexity: float
    words_per_second: Speed
    training_seconds: Seconds
    best: bool


class Evaluated(Event, frozen=True, kw_only=True, tag="evaluated"):
    """A split was scored by a model of `epoch` epochs.

    `known_perplexity` leaves out `<unk>`, null if all words are. `floor_perplexity` is that of the demo corpus's
    grammar on the same words, null for other corpora. `adapt` is as in `eval --adapt`.
    """

    run: str
    preset: str
    corpus: str
    split: str
    protocol: Protocol
    adapt: str = "none"
    words: Number
    unknown_words: Number
    perplexity: float
    known_perplexity: float | None = None
    bits_per_word: float
    floor_perplexity: float | None
    seconds: Seconds
    epoch: Number


class CheckpointSaved(Event, frozen=True, kw_only=True, tag="checkpoint_saved"):
    """The run can resume from here: after `window` windows of `epoch`."""

    checkpoint: str
    epoch: Number
    window: Number


class Warned(Event, frozen=True, kw_only=True, tag="warning"):
    """A problem that does not end the run, such as a damaged checkpoint or a full disk."""

    message: str
    hint: str


def result(event: Event) -> dict[str, object]:
    """Return the event's own fields, without kind, version, sequence and time."""
    envelope = {"kind", *Event.__struct_fields__}
    return {name: value for name, value in msgspec.to_builtins(event).items() if name not in envelope}


class NextWord(Struct, frozen=True):
    """A word and its probability of being next."""

    word: str
    probability: float


class WatchedContext(Struct, frozen=True):
    """A context and its most likely next words, the most likely first."""

    context: str
    next_words: tuple[NextWord, ...]


class Glimpse(Event, frozen=True, kw_only=True, tag="glimpse"):
    """Sample predictions: ranked next words of the watched contexts, and a generated line."""

    epoch: Number
    fraction: Share
    contexts: tuple[WatchedContext, ...]
    generated: str


class RunStopped(Event, frozen=True, kw_only=True, tag="run_stopped"):
    """The run was stopped on request, and saved after `window` windows of `epoch`."""

    epoch: Number
    window: Number
    training_seconds: Seconds
    checkpoint: str


class RunFinished(Event, frozen=True, kw_only=True, tag="run_finished"):
    """All epochs are done; `checkpoint` is from the epoch with the lowest valid perplexity."""

    best_epoch: Number
    best_valid_perplexity: float
    training_seconds: Seconds
    checkpoint: str


class RunAdapted(Event, frozen=True, kw_only=True, tag="run_adapted"):
    """The run holds the weights of another run, adapted to a text; `perplexity` was measured while adapting."""

    run: str
    adapted_from: str
    words: Number
    perplexity: float
    learning_rate: float
    checkpoint: str


class RunFailed(Event, frozen=True, kw_only=True, tag="run_failed"):
    """The run ended with an error; `change` is a setting (key=value) to change on resume; may be empty."""

    reason: str
    hint: str
    change: str = ""

    @property
    def sentence(self) -> str:
        """The reason and the hint."""
        return f"{self.reason} {self.hint}".strip()


AnyEvent = (  # a kind that is not listed here is skipped by readers
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
