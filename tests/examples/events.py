"""The record of a run, and an event of every kind. A test replaces the fields that it is about."""

from msgspec.structs import replace

from ptbterm.corpus.penn_treebank import FINGERPRINT as PENN_TREEBANK
from ptbterm.runs.events import (
    AnyEvent,
    CheckpointSaved,
    EpochFinished,
    EpochStarted,
    Evaluated,
    Glimpse,
    NextWord,
    Progress,
    RunAdapted,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    Warned,
    WatchedContext,
)
from ptbterm.runs.record import RunFacts, RunRecord
from ptbterm.settings.schema import CorpusSettings, ModelSettings, TrainingSettings

NAME = "small-ptb-2026-11-23-k3f9"
RECORD = RunRecord(
    preset="small",
    corpus=CorpusSettings(source="ptb", minimum_count=1, tokenizer="whitespace"),
    model=ModelSettings(keep_prob=0.35),
    training=TrainingSettings(watched_contexts=("this is an", "it 's")),
    run=RunFacts(
        created="2026-11-23T11:00:00Z",
        corpus="Penn Treebank",
        corpus_fingerprint=PENN_TREEBANK,
        vocabulary_size=10_000,
        device="cpu",
        threads=2,
        ptbterm="0.1.0",
        torch="2.9.0+cpu",
        python="3.12.3",
        platform="Linux-6.8-x86_64",
    ),
)
ODD_RECORD = replace(
    RECORD,
    corpus=replace(RECORD.corpus, source='/texts/caf\u00e9 "1"\nnews'),
    model=ModelSettings(keep_prob=0.35, shared_cell=True),
    training=TrainingSettings(decay=1 / 1.15, watched_contexts=("this is an", "it 's")),
)
"""A record with text that TOML must escape, and a number with 17 digits."""
STARTED = RunStarted(
    run=NAME,
    preset="small",
    corpus="Penn Treebank",
    device="cpu",
    threads=2,
    seed=7,
    epochs=13,
    windows_per_epoch=1549,
    parameters=4_650_800,
    torch="2.9.0",
)
RESUMED = RunResumed(run=NAME, epoch=2, window=7, changed={"training.epochs": 20, "training.decay": 0.9})
PROGRESS = Progress(
    epoch=1,
    fraction=164 / 1549,
    window=164,
    perplexity=1094.961,
    estimate=False,
    loss=6.998,
    words_per_second=3671.2,
    learning_rate=1.0,
    gradient_norm=5.5,
    seconds_left=3000.0,
    training_seconds=26.5,
)
EPOCH_FINISHED = EpochFinished(
    epoch=1,
    train_perplexity=336.142,
    estimate=False,
    valid_perplexity=203.668,
    words_per_second=3564.0,
    training_seconds=260.0,
    best=True,
)
EVALUATED = Evaluated(
    run=NAME,
    preset="small",
    corpus="Penn Treebank",
    split="test",
    protocol="stream",
    words=82_429,
    unknown_words=4_794,
    perplexity=115.91,
    bits_per_word=6.857,
    floor_perplexity=None,
    seconds=2.5,
    epoch=13,
)
GLIMPSE = Glimpse(
    epoch=1,
    fraction=0.106,
    contexts=(WatchedContext("this is an", (NextWord("important", 0.02), NextWord("<unk>", 0.01))),),
    generated='caf\u00e9 \u2028 \x1b[31m "quoted"',
)
STOPPED = RunStopped(epoch=2, window=7, training_seconds=270.0, checkpoint="last.safetensors")
FINISHED = RunFinished(
    best_epoch=13, best_valid_perplexity=121.39, training_seconds=3000.0, checkpoint="best.safetensors"
)
FAILED = RunFailed(reason="Training diverged.", hint="Lower training.learning_rate.")


def progress(training_seconds: float, epoch: int = 1) -> Progress:
    return replace(PROGRESS, epoch=epoch, training_seconds=training_seconds)


def epoch_finished(epoch: int, training_seconds: float) -> EpochFinished:
    return replace(EPOCH_FINISHED, epoch=epoch, training_seconds=training_seconds)


EVENTS: list[AnyEvent] = [
    STARTED,
    RESUMED,
    EpochStarted(epoch=1, learning_rate=1.0),
    PROGRESS,
    EPOCH_FINISHED,
    EVALUATED,
    CheckpointSaved(checkpoint="last.safetensors", epoch=2, window=0),
    GLIMPSE,
    Warned(message="Checkpoint last.safetensors can't be written: No space left on device.", hint="Make room."),
    STOPPED,
    FINISHED,
    RunAdapted(
        run="small-ptb-letters",
        adapted_from="small-ptb",
        words=1_000,
        perplexity=99.5,
        learning_rate=0.5,
        checkpoint="last.safetensors",
    ),
    FAILED,
    RunAdapted(
        run="small-mine",
        adapted_from="small-ptb",
        words=900,
        perplexity=98.7,
        learning_rate=0.1,
        checkpoint="last.safetensors",
    ),
]
