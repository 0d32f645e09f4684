"""Every setting: its type, default, range and meaning. Knows nothing of files or commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ptbterm.settings.choices import (
    DropoutMask,
    MatmulPrecision,
    Optimizer,
    OutputBias,
    Protocol,
    Schedule,
    Tokenizer,
)

MAX_INTEGER, MAX_FLOAT = 2**31, 1e30
"""Upper limits of integers and floats: larger values would overflow somewhere."""


def _about(description: str, *, notebook: str = "", resumable: bool = False, **limits: Any) -> Meta:
    """Describe a setting; `notebook` is its name there, `resumable` whether `resume --set` may change it.

    The other settings are fixed when the run is created. `limits` are msgspec's.
    """
    return Meta(description=description, extra={"notebook": notebook, "resumable": resumable}, **limits)


class CorpusSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text, and its vocabulary."""

    source: Annotated[str, _about("auto, demo, ptb, or the path of your own text", min_length=1)] = "auto"
    vocabulary_size: Annotated[
        int,
        _about(
            "maximum vocabulary size, including <unk> and <eos>; rarer words become <unk>",
            notebook="vocab_size",
            ge=3,
            le=MAX_INTEGER,
        ),
    ] = 10_000
    minimum_count: Annotated[
        int,
        _about(
            "minimum count in the training text; rarer words become <unk>; 1 = no minimum;"
            " 0 = 2 for your own text where <unk> would otherwise not occur in training, else 1",
            ge=0,
            le=MAX_INTEGER,
        ),
    ] = 0
    tokenizer: Annotated[
        Tokenizer,
        _about(
            "how lines become words: whitespace = split at spaces, words = punctuation apart, ptb = as the Penn"
            " Treebank (clitics apart, lower case, numbers as N), auto = whitespace or words, by the text"
        ),
    ] = "auto"
    lowercase: Annotated[bool, _about("convert words to lower case")] = False


class ModelSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network."""

    hidden_size: Annotated[int, _about("size of the word vectors and of each LSTM layer", ge=1, le=100_000)] = 200
    num_layers: Annotated[int, _about("number of LSTM layers", ge=1, le=100)] = 2
    shared_cell: Annotated[bool, _about("one set of LSTM weights for all layers, as in the notebook")] = False
    tied: Annotated[bool, _about("share the embedding's weights with the softmax")] = False
    forget_bias: Annotated[float, _about("initial bias of the forget gate", ge=-MAX_FLOAT, le=MAX_FLOAT)] = 0.0
    init_scale: Annotated[
        float, _about("initial weights are uniform in [-init_scale, init_scale]", gt=0, le=MAX_FLOAT)
    ] = 0.1
    output_bias: Annotated[
        OutputBias,
        _about(
            "initial bias of the softmax: zeros, uniform = drawn like the weights,"
            " or unigram = the log-frequencies of the words"
        ),
    ] = "zeros"
    embedding_scale: Annotated[
        float, _about("multiplier of the word vectors that enter the LSTM; 1 = unscaled", gt=0, le=MAX_FLOAT)
    ] = 1.0
    residual: Annotated[bool, _about("residual connections around every LSTM layer after the first")] = False
    dropout_mask: Annotated[
        DropoutMask, _about("a new dropout mask for each time step, or one mask for a whole window")
    ] = "step"
    keep_prob: Annotated[
        float,
        _about("keep probability of dropout, on word vectors and layer outputs; 1 = no dropout", gt=0, le=1),
    ] = 1.0


class TrainingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the network is trained."""

    batch_size: Annotated[
        int, _about("batch size: parallel rows that the training text is cut into", ge=1, le=MAX_INTEGER)
    ] = 20
    num_steps: Annotated[
        int,
        _about("time steps per window, the length of truncated backpropagation, in words", ge=1, le=MAX_INTEGER),
    ] = 20
    epochs: Annotated[
        int,
        _about("passes over the training text", notebook="max_max_epoch", resumable=True, ge=1, le=MAX_INTEGER),
    ] = 13
    windows: Annotated[
        int,
        _about(
            "total training windows instead of epochs, which are then equal parts of the schedule; 0 = use epochs",
            resumable=True,
            ge=0,
            le=2**53,
        ),
    ] = 0
    minutes: Annotated[
        float,
        _about(
            "training time in minutes: the speed is measured, and training.windows set to what fits; 0 = no limit",
            ge=0,
            le=1e9,
        ),
    ] = 0.0
    optimizer: Annotated[Optimizer, _about("sgd as in the notebook, or adamw")] = "sgd"
    weight_decay: Annotated[
        float, _about("decoupled weight decay of AdamW; 0 = none", resumable=True, ge=0, le=MAX_FLOAT)
    ] = 0.0
    schedule: Annotated[
        Schedule, _about("learning-rate schedule: decay by epoch, or warmup and cosine over the whole training")
    ] = "decay"
    warmup_windows: Annotated[
        int, _about("linear warmup of the cosine schedule in windows; 0 = none", resumable=True, ge=0, le=2**53)
    ] = 0
    final_rate: Annotated[
        float,
        _about(
            "final learning rate of the cosine schedule, as a fraction of the full rate",
            resumable=True,
            ge=0,
            le=1,
        ),
    ] = 0.0
    sampled_words: Annotated[
        int,
        _about(
            "sampled-softmax candidates per window, at least its targets; 0 = full softmax",
            ge=0,
            le=MAX_INTEGER,
        ),
    ] = 0
    full_softmax: Annotated[
        float,
        _about(
            "fraction of the training windows, the last ones, that use the full softmax; 1 = all",
            resumable=True,
            ge=0,
            le=1,
        ),
    ] = 1.0
    learning_rate: Annotated[
        float, _about("learning rate before the schedule", resumable=True, gt=0, le=MAX_FLOAT)
    ] = 1.0
    full_rate_epochs: Annotated[
        int,
        _about(
            "epochs at full learning rate before decay",
            notebook="max_epoch + 1",
            resumable=True,
            ge=0,
            le=MAX_INTEGER,
        ),
    ] = 4
    decay: Annotated[
        float,
        _about(
            "multiplier of the learning rate per epoch once decay begins; 1 = none",
            notebook="decay",
            resumable=True,
            gt=0,
            le=1,
        ),
    ] = 0.5
    max_grad_norm: Annotated[
        float,
        _about(
            "maximum global norm of the gradient; larger ones are scaled down", resumable=True, gt=0, le=MAX_FLOAT
        ),
    ] = 5.0
    evaluation: Annotated[
        Protocol, _about("evaluation protocol of valid and test perplexity: stream or notebook", resumable=True)
    ] = "stream"
    watched_contexts: Annotated[
        tuple[str, ...], _about("contexts whose most likely next words are logged during training", resumable=True)
    ] = ("this is an", "the company said")
    seed: Annotated[int, _about("random seed", ge=0, le=2**63 - 1)] = 1
    save_minutes: Annotated[float, _about("checkpoint interval in minutes of training", resumable=True, gt=0)] = (
        5.0
    )
    device: Annotated[
        str,
        _about(
            "auto (CUDA if available), cpu, cuda or cuda:N", resumable=True, pattern=r"^(auto|cpu|cuda(:\d+)?)$"
        ),
    ] = "auto"
    matmul_precision: Annotated[
        MatmulPrecision,
        _about(
            "torch's float32 matmul precision: high = TF32 on CUDA, medium = bfloat16 where faster", resumable=True
        ),
    ] = "highest"
    threads: Annotated[int, _about("CPU threads; 0 = torch's default", resumable=True, ge=0, le=4096)] = 0


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting of a run."""

    corpus: CorpusSettings = CorpusSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()


@dataclass(frozen=True)
class SettingField:
    """One setting, for display: `key` is dotted; `notebook_name` is empty if the notebook has none."""

    key: str
    type: Any
    default: object
    description: str
    notebook_name: str
    resumable: bool


def setting_fields() -> Iterator[SettingField]:
    """Yield every setting, in the order of the schema."""
    for group in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(group.type):
            (meta,) = field.type.__metadata__
            yield SettingField(
                key=f"{group.name}.{field.name}",
                type=field.type,
                default=field.default,
                description=meta.description,
                notebook_name=meta.extra["notebook"],
                resumable=meta.extra["resumable"],
            )
