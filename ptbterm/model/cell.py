"""The LSTM cell, a word at a time: its formula, and on a CPU the fastest way through a few words.

torch's kernel rearranges all weights at each call: for one word of a layer of 1,500 units that takes 27 times as
long as reading it.
"""

import torch


def gates(
    inputs: torch.Tensor, h: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return how far the gates i, f and o are open, 0 to 1, and the new content j, each (batch, hidden)."""
    i, f, j, o = torch.addmm(bias, torch.cat([inputs, h], dim=1), kernel).chunk(4, dim=1)
    return i.sigmoid(), f.sigmoid(), j.tanh(), o.sigmoid()


def step(
    inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """From inputs (batch, input), h and c (batch, hidden) to the h and c after one word.

    `kernel` is (input + hidden, 4 * hidden), `bias` (4 * hidden), in the order of gates i, f, j, o.
    """
    i, f, j, o = gates(inputs, h, kernel, bias)
    c = f * c + i * j
    return o * c.tanh(), c


def steps(
    inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """From inputs (steps, batch, input), h and c (batch, hidden) to outputs, h and c of like shapes."""
    outputs = []
    for word in inputs:
        h, c = step(word, h, c, kernel, bias)
        outputs.append(h)
    return torch.stack(outputs), h, c
