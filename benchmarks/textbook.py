"""The yardstick: a word-level LSTM in PyTorch as tutorials write it. Nothing is tuned."""

import torch
from torch import nn


class Textbook:
    """nn.Embedding, nn.LSTM, nn.Linear, cross_entropy, clip_grad_norm_, SGD."""

    def __init__(self, vocabulary_size: int, hidden_size: int, num_layers: int, keep_prob: float = 1.0) -> None:
        self.embedding = nn.Embedding(vocabulary_size, hidden_size)
        self.dropout = nn.Dropout(1 - keep_prob)
        self.lstm = nn.LSTM(hidden_size, hidden_size, num_layers, dropout=1 - keep_prob)
        self.decoder = nn.Linear(hidden_size, vocabulary_size)
        self.parts = nn.ModuleList([self.embedding, self.dropout, self.lstm, self.decoder])
        for parameter in self.parts.parameters():
            nn.init.uniform_(parameter, -0.1, 0.1)
        self.optimizer: torch.optim.Optimizer = torch.optim.SGD(self.parts.parameters(), lr=1.0)
        self.state: tuple[torch.Tensor, torch.Tensor] | None = None

    def step(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Learn from one window, (batch, steps)."""
        self.optimizer.zero_grad()
        outputs, state = self.lstm(self.dropout(self.embedding(inputs.t())), self.state)
        self.state = (state[0].detach(), state[1].detach())
        logits = self.decoder(self.dropout(outputs))
        loss = nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.t().reshape(-1))
        (loss * inputs.shape[1]).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.parts.parameters(), 5.0)
        self.optimizer.step()
        return loss.detach()

    @torch.inference_mode()
    def read(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the last layer's output after a context, (words, 1), from a zero state: (1, hidden)."""
        self.parts.eval()
        outputs: torch.Tensor = self.lstm(self.embedding(ids))[0]
        self.parts.train()
        return outputs[-1]

    @torch.inference_mode()
    def rank(self, output: torch.Tensor, k: int = 10) -> list[int]:
        """Return the ids of the `k` most probable next words after an output."""
        return self.decoder(output).softmax(dim=1)[0].topk(k).indices.tolist()  # type: ignore[no-any-return]
