"""Presets by path, and settings written to a file and read back."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli_w
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ptbterm.errors import PtbtermError
from ptbterm.settings.resolve import flatten, read_preset, resolve, settings_from
from ptbterm.settings.schema import Settings

POSITIVE = st.floats(min_value=1e-9, max_value=1e9)
UP_TO_1 = st.floats(min_value=0, max_value=1, exclude_min=True)
COUNT = st.integers(1, 2**31)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "corpus.source": TEXT,
    "corpus.vocabulary_size": st.integers(3, 2**31),
    "corpus.minimum_count": st.integers(0, 2**31),
    "corpus.tokenizer": st.sampled_from(["auto", "whitespace", "words", "ptb"]),
    "corpus.lowercase": st.booleans(),
    "model.hidden_size": st.integers(1, 100_000),
    "model.num_layers": st.integers(1, 100),
    "model.shared_cell": st.booleans(),
    "model.tied": st.booleans(),
    "model.forget_bias": st.floats(-1e9, 1e9),
    "model.init_scale": POSITIVE,
    "model.output_bias": st.sampled_from(["zeros", "uniform", "unigram"]),
    "model.embedding_scale": POSITIVE,
    "model.residual": st.booleans(),
    "model.dropout_mask": st.sampled_from(["step", "window"]),
    "model.keep_prob": UP_TO_1,
    "training.batch_size": COUNT,
    "training.num_steps": COUNT,
    "training.epochs": COUNT,
    "training.windows": COUNT,
    "training.minutes": POSITIVE,
    "training.optimizer": st.sampled_from(["sgd", "adamw"]),
    "training.weight_decay": POSITIVE,
    "training.schedule": st.sampled_from(["decay", "cosine"]),
    "training.warmup_windows": COUNT,
    "training.final_rate": UP_TO_1,
    "training.sampled_words": COUNT,
    "training.full_softmax": UP_TO_1,
    "training.learning_rate": POSITIVE,
    "training.full_rate_epochs": st.integers(0, 2**31),
    "training.decay": UP_TO_1,
    "training.max_grad_norm": POSITIVE,
    "training.evaluation": st.sampled_from(["stream", "notebook"]),
    "training.watched_contexts": st.lists(TEXT, max_size=3).map(tuple),
    "training.save_minutes": POSITIVE,
    "training.seed": st.integers(0, 2**63 - 1),
    "training.device": st.sampled_from(["auto", "cpu", "cuda", "cuda:3"]),
    "training.matmul_precision": st.sampled_from(["highest", "high", "medium"]),
    "training.threads": st.integers(0, 512),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("presets")


def refusal(name: str | Path) -> PtbtermError:
    with pytest.raises(PtbtermError) as error:
        read_preset(str(name))
    return error.value


def test_every_setting_is_tried() -> None:
    assert VALUES.keys() == flatten(Settings()).keys()


@hypothesis_settings(max_examples=50)
@given(values=st.fixed_dictionaries(VALUES))
def test_settings_survive_a_file(folder: Path, values: dict[str, object]) -> None:
    wanted = settings_from(values)
    file = folder / "mine.toml"
    file.write_text(tomli_w.dumps(msgspec.to_builtins(wanted)), encoding="utf-8", newline="\n")
    assert resolve(read_preset(str(file))).settings == wanted


def test_a_preset_by_path(folder: Path) -> None:
    file = folder / "tiny.toml"
    file.write_text('description = "tiny"\n[model]\nhidden_size = 10  # small\n')
    preset = read_preset(str(file))
    assert (preset.name, preset.description) == ("tiny", "tiny")
    resolved = resolve(preset)
    assert resolved.settings.model.hidden_size == 10
    assert resolved.settings.model.num_layers == Settings().model.num_layers
    assert resolved.sources["model.hidden_size"] == str(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"[model\n", "is not valid TOML: "),
        (b"[model]\nhidden_size = 1\nhidden_size = 2\n", "is not valid TOML: "),
        (b"[model]\n# caf\xe9\n", "is not UTF-8 text: byte 14 is 0xe9."),
        (b"hidden_size = 10\n", ": unknown setting 'hidden_size'."),
        (b"[model]\nhiden_size = 10\n", ": unknown setting 'model.hiden_size'."),
        (b"[modle]\nhidden_size = 10\n", ": unknown setting 'modle.hidden_size'."),
        (b"model = 3\n", ": unknown setting 'model'."),
        (b"[model.lstm]\nhidden_size = 10\n", ": unknown setting 'model.lstm'."),
        (b"[model]\nhidden_size = -1\n", ": model.hidden_size must be an integer of at least 1"),
        (
            b"[training]\nlearning_rate = nan\n",
            ": training.learning_rate must be a number greater than 0, not nan.",
        ),
    ],
)
def test_files_that_are_not_presets(folder: Path, text: bytes, says: str) -> None:
    file = folder / "wrong.toml"
    file.write_bytes(text)
    assert refusal(file).message.startswith(f"{file}{'' if says.startswith(':') else ' '}{says}")


def test_no_such_preset() -> None:
    error = refusal("smal")
    assert error.message == "No preset or settings file named 'smal'."
    assert error.hint.startswith("Did you mean small? The presets are: demo, ")
    assert refusal("xyzzy.toml").hint.startswith("The presets are: demo, ")


def test_a_folder_is_not_a_preset(folder: Path) -> None:
    assert refusal(folder).message.startswith("No preset or settings file named ")
