"""Evaluation, scores and generation on tensors without numbers: nothing is read early, no device is left.

torch's `meta` device stands for a GPU: reading a number there raises. Fake CUDA tensors would say more, but a CPU
build of torch can neither index them nor go backward through them.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ptbterm.corpus.vocabulary import Vocabulary
from ptbterm.inference.evaluation import evaluate
from ptbterm.inference.generation import Sampling, generate
from ptbterm.inference.neural_cache import CacheState, NeuralCache
from ptbterm.inference.scoring import score_targets
from ptbterm.inference.word_scorers import ModelScorer
from ptbterm.model.cuda_graph import CudaGraph
from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.choices import Adapt
from tests.inference.tiny_network import tiny_network
from tests.recorded_graph import graphs_on_a_cpu  # noqa: F401

META = torch.device("meta")
READ = "meta tensor"


@pytest.fixture
def model() -> LanguageModel:
    return tiny_network().to(META)


def ids(*shape: int) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.int64, device=META)


def test_numbers_stay_on_the_device_and_none_is_read(model: LanguageModel) -> None:
    hidden, state = model(ids(3, 20), model.zero_state(3))
    nats = model.word_nats(hidden, ids(3, 20))
    scored = score_targets(model.log_probabilities(hidden), ids(60), unseen_types=5, guesses=2)
    cached = CacheState(NeuralCache()).word_nats(nats[:20], hidden[0], ids(20))
    assert {tensor.device for tensor in (hidden, *state, nats, scored, cached)} == {META}


def test_an_evaluation_reads_the_device_once_after_its_last_word(model: LanguageModel) -> None:
    chunks = 0

    def text() -> Iterator[npt.NDArray[np.int32]]:
        nonlocal chunks
        for _ in range(5):
            chunks += 1
            yield np.zeros(24, dtype=np.int32)

    with pytest.raises(RuntimeError, match=READ):
        evaluate(ModelScorer(model, steps=20), text(), "stream", 0)
    assert chunks == 5


def test_generation_reads_nothing_before_its_first_word_is_drawn(model: LanguageModel) -> None:
    vocabulary = Vocabulary(["<unk>", "<eos>", *map(str, range(10))])
    with pytest.raises((RuntimeError, NotImplementedError), match=READ):
        next(generate(model, vocabulary, [1, 2, 3], 2, 9, Sampling(temperature=0)))


class RecordedScorer(ModelScorer):
    """Scores by a graph, as on CUDA."""

    def reset(self, rows: int) -> None:
        super().reset(rows)
        self._score = CudaGraph(self._read)


@pytest.mark.usefixtures("graphs_on_a_cpu")
@pytest.mark.parametrize("adapt", ["none", "cache"])
def test_an_evaluation_by_a_graph_is_the_one_by_calls(adapt: Adapt) -> None:
    network = tiny_network()
    text = [np.arange(2_000, dtype=np.int32) * 7 % 12]
    expected = evaluate(ModelScorer(network, adapt), text, "stream", 0)
    assert evaluate(RecordedScorer(network, adapt), text, "stream", 0).nats == expected.nats
