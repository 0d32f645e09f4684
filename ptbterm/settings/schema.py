"""Every setting: its type, default, range and meaning. Knows nothing of files or commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Protocol = Literal["stream", "notebook"]

MAX_INTEGER, MAX_FLOAT = 2**31, 1e30
"""What counts and measures may be at most: beyond, some part of the machine would overflow."""


class CorpusSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which text, and how its vocabulary is made."""

    source: Annotated[str, Meta(min_length=1, description="auto, demo, ptb, or the path of your own text")] = (
        "auto"
    )
    vocabulary_size: Annotated[
        int,
        Meta(
            ge=3,
            le=MAX_INTEGER,
            description="at most so many word types, <unk> and <eos> among them; the rest become <unk>",
            extra={"notebook": "vocab_size"},
        ),
    ] = 10_000
    minimum_count: Annotated[
        int, Meta(ge=1, le=MAX_INTEGER, description="training words seen less often than this become <unk>")
    ] = 1


class ModelSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network."""

    hidden_size: Annotated[
        int, Meta(ge=1, le=100_000, description="numbers in a word vector and in each layer's state")
    ] = 200
    num_layers: Annotated[int, Meta(ge=1, le=100, description="LSTM layers on top of each other")] = 2
    shared_cell: Annotated[bool, Meta(description="one cell's weights serve every layer, as in the notebook")] = (
        False
    )
    tied: Annotated[bool, Meta(description="the output product uses the embedding's weights")] = False
    forget_bias: Annotated[
        float, Meta(ge=-MAX_FLOAT, le=MAX_FLOAT, description="where the forget gate's bias starts")
    ] = 0.0
    init_scale: Annotated[
        float, Meta(gt=0, le=MAX_FLOAT, description="weights start uniformly in -init_scale..init_scale")
    ] = 0.1
    output_bias: Annotated[
        Literal["zeros", "unigram"],
        Meta(description="where the output's bias starts: zeros, or the words' log-frequencies"),
    ] = "zeros"
    embedding_scale: Annotated[
        float, Meta(gt=0, le=MAX_FLOAT, description="factor on the word vectors that the LSTM reads")
    ] = 1.0
    residual: Annotated[bool, Meta(description="each LSTM layer after the first adds its input to its output")] = (
        False
    )
    dropout_mask: Annotated[
        Literal["step", "window"], Meta(description="a new dropout mask for each step, or one for a whole window")
    ] = "step"
    keep_prob: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="dropout: the share of embedded inputs and of layer outputs that is kept in training",
        ),
    ] = 1.0


class TrainingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the network learns."""

    batch_size: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="rows the training text is cut into")] = 20
    num_steps: Annotated[
        int, Meta(ge=1, le=MAX_INTEGER, description="words a window: truncated back-propagation's length")
    ] = 20
    epochs: Annotated[
        int,
        Meta(
            ge=1, le=MAX_INTEGER, description="passes over the training text", extra={"notebook": "max_max_epoch"}
        ),
    ] = 13
    windows: Annotated[
        int,
        Meta(
            ge=0,
            le=2**53,
            description="windows to train in all; epochs then only shares them out for the schedule; 0: epochs",
        ),
    ] = 0
    minutes: Annotated[
        float,
        Meta(
            ge=0,
            le=1e9,
            description="minutes to train, by a schedule that fits: measured at the start, then kept as windows",
        ),
    ] = 0.0
    optimizer: Annotated[Literal["sgd", "adamw"], Meta(description="sgd as in the notebook, or AdamW")] = "sgd"
    weight_decay: Annotated[float, Meta(ge=0, le=MAX_FLOAT, description="AdamW's decay of the weights")] = 0.0
    schedule: Annotated[
        Literal["decay", "cosine"],
        Meta(
            description="the rate decays epoch by epoch, or warms up and falls as a cosine over the whole training"
        ),
    ] = "decay"
    warmup_windows: Annotated[
        int, Meta(ge=0, le=2**53, description="windows until the cosine schedule is at full rate")
    ] = 0
    final_rate: Annotated[
        float, Meta(ge=0, le=1, description="share of the learning rate that the cosine schedule ends with")
    ] = 0.0
    sampled_words: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_INTEGER,
            description="words that the sampled softmax scores in each window; 0: all, exactly",
        ),
    ] = 0
    full_softmax: Annotated[
        float, Meta(ge=0, le=1, description="share of the windows, the last ones, trained with the full softmax")
    ] = 1.0
    learning_rate: Annotated[
        float, Meta(gt=0, le=MAX_FLOAT, description="the optimizer's rate, before any schedule")
    ] = 1.0
    full_rate_epochs: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_INTEGER,
            description="epochs at the first rate, before it decays",
            extra={"notebook": "max_epoch"},
        ),
    ] = 4
    decay: Annotated[
        float,
        Meta(gt=0, le=1, description="factor on the rate in each later epoch", extra={"notebook": "lr_decay"}),
    ] = 0.5
    max_grad_norm: Annotated[
        float, Meta(gt=0, le=MAX_FLOAT, description="gradients are scaled down to this global norm")
    ] = 5.0
    evaluation: Annotated[
        Protocol,
        Meta(description="protocol of the valid and test perplexities while training"),
    ] = "stream"
    watched_contexts: Annotated[
        tuple[str, ...], Meta(description="contexts whose ranked next words are logged as the model learns")
    ] = ("this is an", "the company said")
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="decides every random draw")] = 1
    save_minutes: Annotated[
        float, Meta(gt=0, description="minutes of training after which an epoch is saved within")
    ] = 5.0
    device: Annotated[
        str,
        Meta(
            pattern=r"^(auto|cpu|cuda(:\d+)?)$",
            description="auto (CUDA if there is one), cpu, cuda or cuda:N",
        ),
    ] = "auto"
    matmul_precision: Annotated[
        Literal["highest", "high", "medium"],
        Meta(description="torch's float32 matmul precision: high is TF32 on CUDA, medium bfloat16 where faster"),
    ] = "highest"
    threads: Annotated[int, Meta(ge=0, le=4096, description="CPU threads; 0 leaves the choice to torch")] = 0


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a run."""

    corpus: CorpusSettings = CorpusSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()


CHANGEABLE_ON_RESUME = frozenset(
    f"training.{name}"
    for name in (
        "epochs",
        "learning_rate",
        "windows",
        "full_rate_epochs",
        "decay",
        "warmup_windows",
        "final_rate",
        "weight_decay",
        "full_softmax",
        "matmul_precision",
        "max_grad_norm",
        "evaluation",
        "watched_contexts",
        "save_minutes",
        "device",
        "threads",
    )
)
"""Keys that `resume --set` may change: the others are built into the weights or the position in the text."""


@dataclass(frozen=True)
class SettingField:
    """One setting as people see it: `key` is dotted, `notebook_name` is empty where the notebook has none."""

    key: str
    type: Any
    default: object
    description: str
    notebook_name: str


def setting_fields() -> Iterator[SettingField]:
    """Yield every setting, in the order of the schema."""
    for group in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(group.type):
            (meta,) = field.type.__metadata__
            yield SettingField(
                key=f"{group.name}.{field.name}",
                type=field.type,
                default=field.default,
                description=meta.description or "",
                notebook_name=(meta.extra or {}).get("notebook", ""),
            )
