"""A network small enough to be checked by hand, in double precision, with uneven probabilities."""

import torch

from ptbterm.model.language_model import LanguageModel
from ptbterm.settings.schema import ModelSettings

VOCABULARY_SIZE = 12


def tiny_network(seed: int = 1, *, keep_prob: float = 1.0) -> LanguageModel:
    settings = ModelSettings(hidden_size=8, num_layers=2, init_scale=1.5, keep_prob=keep_prob)
    model = LanguageModel(settings, VOCABULARY_SIZE).double()
    model.reset_parameters(seed)
    return model.requires_grad_(requires_grad=False).eval()


def read_one_by_one(model: LanguageModel, ids: list[int]) -> torch.Tensor:
    """The slow, obvious way: the log-probabilities of what follows each word, (words, vocabulary)."""
    state, rows = model.zero_state(1), []
    for number in ids:
        hidden, state = model(torch.tensor([[number]]), state)
        rows.append(model.log_probabilities(hidden)[0])
    return torch.stack(rows)
