"""The notebook's first window of the Penn Treebank, before training."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from ptbterm.corpus.encoded import EncodedCorpus, encode_corpus
from ptbterm.corpus.sources import CorpusText
from ptbterm.corpus.text_files import find_splits, fingerprint
from ptbterm.corpus.windows import cut_rows, window
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.resolve import read_preset, resolve
from ptbterm.settings.schema import CorpusSettings


@pytest.fixture(scope="module")
def corpus(ptb: Path, tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    place = tmp_path_factory.mktemp("corpora")
    splits = find_splits(ptb)
    text = CorpusText("ptb", "Penn Treebank", splits, fingerprint(splits))
    return encode_corpus(text, CorpusSettings(), place)


@pytest.mark.parametrize(("output_bias", "away"), [("zeros", 0.05), ("uniform", 0.12)])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_word_of_the_first_window_is_as_surprising_as_one_in_10_000(
    corpus: EncodedCorpus, seed: int, output_bias: str, away: float
) -> None:
    """A bias within 0.1 moves each loss by as much, and the mean by less."""
    settings = resolve(read_preset("notebook"), [("--set", f"model.output_bias={output_bias}")]).settings
    model = LanguageModel(settings.model, len(corpus.vocabulary))
    model.reset_parameters(seed)
    inputs, targets = window(cut_rows(torch.from_numpy(corpus.ids["train"].astype(np.int64)), 30), 0, 20)
    assert targets[0, 0] == 9971

    hidden, (h, c) = model(inputs, model.zero_state(30))
    assert hidden.shape == (30, 20, 200)
    assert h.shape == c.shape == (2, 30, 200)
    assert model.log_probabilities(hidden).shape == (600, 10_000)

    nats = model.word_nats(hidden, targets)
    assert nats.shape == (600,)
    assert (nats - math.log(10_000)).abs().max() < away
    cost = nats.sum().item() / 30
    assert cost == pytest.approx(184.2, abs=2 * away)
    assert cost == pytest.approx(20 * math.log(10_000), abs=2 * away)
