"""The tensors that a preset trains."""

import pytest
import torch

from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.resolve import read_preset, resolve


def shapes(preset: str, *changes: str) -> list[tuple[int, ...]]:
    settings = resolve(read_preset(preset), [("--set", change) for change in changes]).settings
    with torch.device("meta"):
        model = LanguageModel(settings.model, settings.corpus.vocabulary_size)
    return sorted(tuple(weights.shape) for weights in model.parameters())


def test_the_notebook_trains_exactly_five_tensors() -> None:
    embedding, kernel, bias, softmax_w, softmax_b = (10_000, 200), (400, 800), (800,), (200, 10_000), (10_000,)
    assert shapes("notebook") == sorted([embedding, kernel, bias, softmax_w, softmax_b])


def test_the_other_presets_have_a_cell_a_layer() -> None:
    assert shapes("small") == sorted([*shapes("notebook"), (400, 800), (800,)])


@pytest.mark.parametrize(
    ("preset", "changes", "total"),
    [
        ("notebook", [], 4_330_800),
        ("small", [], 4_651_600),
        ("medium", [], 19_775_200),
        ("large", [], 66_022_000),
        ("small", ["model.tied=true"], 2_651_600),
        ("small", ["model.num_layers=3"], 4_972_400),
        ("notebook", ["model.num_layers=3"], 4_330_800),
    ],
)
def test_number_of_trained_numbers(preset: str, changes: list[str], total: int) -> None:
    numbers = [torch.Size(shape).numel() for shape in shapes(preset, *changes)]
    assert sum(numbers) == total
