"""The LSTM cell, computed in the fastest of three ways.

It has the notebook's two tensors in the notebook's shapes: `kernel` (input + hidden, 4 * hidden) and `bias`
(4 * hidden). The kernel's first rows multiply the input, the others the previous output h. Its columns are four
blocks of `hidden` in PyTorch's order: input gate i, forget gate f, new content j (PyTorch's g), output gate o.
TensorFlow's order is i, j, f, o. So PyTorch's `weight_ih` is `kernel[:input].T`, its `weight_hh` is
`kernel[input:].T`, and `bias` is the sum of its two biases.
"""

from collections.abc import Sequence

import torch
from torch import nn

from ptbterm.model.cells import lstm_kernel
from ptbterm.model.cells.cell import State
from ptbterm.model.cells.lstm_kernel import Workspace
from ptbterm.settings.schema import ModelSettings

# torch's kernel rearranges all weights at each call: for one word and a layer of 1,500 units it takes 27 times as
# long as `step`. Up to this many steps `step` is faster, for hidden sizes of 200 to 1,500 (AMD EPYC, Zen 5).
MAX_SINGLE_STEPS = 10


class LSTMCell(nn.Module):
    """An LSTM layer run over time: by our own kernel in training on a CPU, step by step, or by torch's kernel."""

    state_names = ("h", "c")
    min_uniform_steps = MAX_SINGLE_STEPS + 1
    _second_bias: torch.Tensor

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        size = settings.hidden_size
        self.kernel = nn.Parameter(torch.empty(size + size, 4 * size))
        self.bias = nn.Parameter(torch.empty(4 * size))
        self.register_buffer("_second_bias", torch.zeros(4 * size), persistent=False)
        self._packed: tuple[tuple[object, ...], list[torch.Tensor]] = (), []

    def reset_parameters(self, stream: torch.Generator) -> None:
        """Draw the kernel uniformly from -init_scale..init_scale; the bias is 0, `forget_bias` for gate f."""
        size, scale = self.settings.hidden_size, self.settings.init_scale
        nn.init.uniform_(self.kernel, -scale, scale, generator=stream)
        nn.init.zeros_(self.bias)
        nn.init.constant_(self.bias[size : 2 * size], self.settings.forget_bias)

    def new_workspace(self) -> Workspace:
        """Return memory for the training kernel."""
        return Workspace()

    def forward(self, inputs: torch.Tensor, state: State, workspace: Workspace) -> tuple[torch.Tensor, State]:
        """Read inputs (steps, batch, hidden) from h and c (batch, hidden); return outputs, and h and c after them.

        In training on a CPU no gradient flows into the state, nor out of the one returned.
        """
        h, c = state
        on_cpu = inputs.device.type == "cpu"
        if self.training and on_cpu:
            outputs, h, c = lstm_kernel.lstm(inputs, h, c, self.kernel, self.bias, workspace)
        elif len(inputs) <= MAX_SINGLE_STEPS and on_cpu:
            outputs, h, c = steps(inputs, h, c, self.kernel, self.bias)
        else:
            outputs, h, c = self._by_torch(inputs, h, c)
        return outputs, (h, c)

    def _by_torch(
        self, inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        outputs, h, c = torch.lstm(
            inputs,
            [h[None], c[None]],
            self._packed_weights() if inputs.is_cuda else self._torch_weights(),
            has_biases=True,
            num_layers=1,
            dropout=0.0,
            train=torch.is_grad_enabled(),  # cuDNN keeps what a gradient needs only with this flag
            bidirectional=False,
            batch_first=False,
        )
        return outputs, h[0], c[0]

    def _torch_weights(self) -> list[torch.Tensor]:
        """Return views of the weights in torch's shapes and order."""
        input_rows, hidden_rows = torch.split(self.kernel, self.settings.hidden_size)  # one gradient, not two sums
        return [input_rows.t(), hidden_rows.t(), self.bias, self._second_bias]

    def _packed_weights(self) -> list[torch.Tensor]:
        """Return the same in one piece; without a gradient, pack them again only after the weights changed."""
        if torch.is_grad_enabled():
            return in_one_piece(self._torch_weights())
        key = tuple(fact for part in (self.kernel, self.bias) for fact in (part.device, part.dtype, part._version))
        if self._packed[0] != key:
            self._packed = key, in_one_piece(self._torch_weights())
        return self._packed[1]


def gates(
    inputs: torch.Tensor, h: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return how far the gates i, f and o are open, 0 to 1, and the new content j, each (batch, hidden)."""
    i, f, j, o = torch.addmm(bias, torch.cat([inputs, h], dim=1), kernel).chunk(4, dim=1)
    return i.sigmoid(), f.sigmoid(), j.tanh(), o.sigmoid()


def step(
    inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Read one word, inputs (batch, input), with h and c (batch, hidden); return h and c after it.

    `kernel` is (input + hidden, 4 * hidden), `bias` (4 * hidden), in the order of gates i, f, j, o.
    """
    i, f, j, o = gates(inputs, h, kernel, bias)
    c = f * c + i * j
    return o * c.tanh(), c


def steps(
    inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Read inputs (steps, batch, input) one by one; return outputs (steps, batch, hidden), h and c."""
    outputs = []
    for word in inputs:
        h, c = step(word, h, c, kernel, bias)
        outputs.append(h)
    return torch.stack(outputs), h, c


def in_one_piece(parts: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return copies of the tensors that are contiguous in memory in this order, as cuDNN expects weights.

    Otherwise torch copies them together at each call, with a warning.
    """
    whole = torch.cat([part.reshape(-1) for part in parts])
    pieces = torch.split(whole, [part.numel() for part in parts])
    return [piece.view(part.shape) for piece, part in zip(pieces, parts, strict=True)]
