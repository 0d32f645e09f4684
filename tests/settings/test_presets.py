"""The built-in presets hold the numbers of the notebook and of TensorFlow's tutorial."""

import pytest

from ptbterm.settings.resolve import flatten, preset_names, read_preset, resolve

NOTEBOOK = {
    "model.init_scale": 0.1,
    "training.learning_rate": 1.0,
    "training.max_grad_norm": 5.0,
    "model.num_layers": 2,
    "training.num_steps": 20,
    "model.hidden_size": 200,
    "training.full_rate_epochs": 5,
    "training.epochs": 13,
    "model.keep_prob": 1.0,
    "training.decay": 0.5,
    "training.batch_size": 30,
    "corpus.vocabulary_size": 10_000,
    "model.shared_cell": True,
    "model.forget_bias": 0.0,
    "model.output_bias": "uniform",
    "model.tied": False,
    "training.evaluation": "notebook",
}
TUTORIAL_KEYS = (
    "model.init_scale",
    "training.learning_rate",
    "training.max_grad_norm",
    "model.num_layers",
    "training.num_steps",
    "model.hidden_size",
    "training.full_rate_epochs",
    "training.epochs",
    "model.keep_prob",
    "training.decay",
    "training.batch_size",
)
TUTORIAL = {
    "small": (0.1, 1.0, 5, 2, 20, 200, 4, 13, 1.0, 0.5, 20),
    "medium": (0.05, 1.0, 5, 2, 35, 650, 6, 39, 0.5, 0.8, 20),
    "large": (0.04, 1.0, 10, 2, 35, 1500, 14, 55, 0.35, 1 / 1.15, 20),
}


def values(preset: str) -> dict[str, object]:
    return flatten(resolve(read_preset(preset)).settings)


def test_notebook() -> None:
    assert values("notebook").items() >= NOTEBOOK.items()


@pytest.mark.parametrize("name", TUTORIAL)
def test_tensorflow_tutorial(name: str) -> None:
    assert [values(name)[key] for key in TUTORIAL_KEYS] == list(TUTORIAL[name])
    assert values(name)["model.shared_cell"] is False
    assert values(name)["training.evaluation"] == "stream"
    assert values(name)["model.output_bias"] == "uniform"


def test_only_the_demo_preset_chooses_a_corpus() -> None:
    assert values("demo")["corpus.source"] == "demo"
    assert {values(name)["corpus.source"] for name in preset_names() if name != "demo"} == {"auto"}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_says_what_it_is(name: str) -> None:
    preset = read_preset(name)
    assert preset.name == name
    assert preset.description


def test_each_value_has_its_source() -> None:
    overrides = [("--set", "model.hidden_size=300"), ("--seed", "training.seed=7")]
    sources = resolve(read_preset("small"), overrides).sources
    assert sources["training.epochs"] == "preset small"
    assert sources["training.threads"] == "default"
    assert sources["model.hidden_size"] == "--set"
    assert sources["training.seed"] == "--seed"
    assert sources.keys() == values("small").keys()
